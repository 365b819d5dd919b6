import { describe, expect, test } from 'vitest';
import { createSquad } from './create-squad.js';
import { collectStream } from './stream/collect-stream.js';
import { fakeAligner, fakeInspector } from './test-support.js';

// Flags what the text names, as in `a9`; `a` can be mended, `b` can't.
const inspector = fakeInspector({ criteria: ['a', 'b'], judge: ({ response }, criterion) => (response.includes(`${criterion}9`) ? 0.9 : 0.1) });
const aligner = fakeAligner(['a', 'b'], ({ exchange, criterion }) => (criterion === 'a' ? exchange.response.replaceAll('a9', 'a1') : undefined));
const squad = createSquad({ inspectors: [inspector], aligners: [aligner], onUnfixed: { block: 'No.' }, advisory: ['b'] });

async function* sourceOf(...pieces: string[]): AsyncGenerator<string> {
  yield* pieces;
}

describe('a text that an advisory criterion alone still flags', () => {
  test('is given as unfixed, whatever the policy', async () => {
    expect(await squad.align('b9')).toMatchObject({ outcome: 'unfixed', response: 'b9' });
    await expect(squad.align('b9', { onUnfixed: 'throw' })).resolves.toMatchObject({ outcome: 'unfixed', response: 'b9' });
  });

  test('is given with what could be mended of the others', async () => {
    expect(await squad.align('a9 b9')).toMatchObject({ outcome: 'unfixed', response: 'a1 b9', changed: true });
  });

  test('is released from a stream', async () => {
    const { released } = await collectStream(squad.alignStream(sourceOf('Say b9. ', 'Say a9. ', 'Bye.')));
    expect(released).toBe('Say b9. Say a1. Bye.');
  });
});

test('a text that another criterion flags too is not given', async () => {
  const hopeless = createSquad({ inspectors: [inspector], aligners: [], onUnfixed: { block: 'No.' }, advisory: ['b'] });
  expect(await hopeless.align('a9 b9')).toMatchObject({ outcome: 'blocked', response: 'No.' });
  const { released } = await collectStream(hopeless.alignStream(sourceOf('Say b9. ', 'Say a9. ', 'Bye.'), { onUnfixed: { block: '' } }));
  expect(released).toBe('Say b9. Bye.');
});

test('an inspector that fails is not advice', async () => {
  const broken = fakeInspector({
    criteria: ['b'],
    judge: () => {
      throw new RangeError('x');
    },
  });
  const squad = createSquad({ inspectors: [broken], aligners: [], onUnfixed: { block: 'No.' }, advisory: ['b'] });
  expect(await squad.align('text')).toMatchObject({ outcome: 'error', response: 'No.' });
});

test('an advisory criterion that nobody serves is refused', async () => {
  await expect(squad.align('text', { advisory: ['z'] })).rejects.toMatchObject({ code: 'unknown-criterion' });
});
