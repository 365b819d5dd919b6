import { AlignSquadError, type Inspector } from '@align-squad/core';
import { expect, test } from 'vitest';
import { createSquad, createSquadFrom, type CreateSquadOptions } from './create-squad.js';
import { doubleAligner, doubleInspector, doubleModels } from './test-support.js';

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (AlignSquadError.isInstance(error) ? error.code : error),
  );

test('the pack that is named is the one that is loaded', async () => {
  const asked: unknown[] = [];
  const load = async (pack: unknown) => {
    asked.push(pack);
    return doubleModels();
  };
  await createSquadFrom({ pack: '/some/pack' }, load);
  await createSquadFrom({}, load);
  expect(asked).toEqual(['/some/pack', undefined]);
});

test("a caller's inspector is asked before the pack's", async () => {
  const mine: Inspector = {
    ...doubleInspector(),
    criteria: ['ethical'],
    inspect: async () => [{ ethical: { status: 'pass', misalignment: 0, threshold: 0.5 } }],
  };
  const squad = await createSquadFrom({ inspectors: [mine] }, async () => doubleModels());
  const inspection = await squad.inspect('RUDE DULL');
  expect(inspection).toMatchObject({ ethical: { status: 'pass' }, helpful: { status: 'flag' } });
});

test('without a pack a squad works on the models of its caller alone', async () => {
  const squad = await createSquad({ pack: false, inspectors: [doubleInspector()], aligners: [doubleAligner()] });
  expect(await squad.align('RUDE words')).toMatchObject({ outcome: 'aligned', response: 'KIND words' });
});

test('without a pack and an inspector there is no squad', async () => {
  expect(await codeOf(createSquad({ pack: false }))).toBe('invalid-options');
});

test.each<[string, unknown]>([
  ['null', null],
  ['a pack that is a number', { pack: 3 }],
  ['a pack without a name', { pack: '' }],
  ['inspectors that are no list', { inspectors: {} }],
  ['an unknown option', { treshold: 1 }],
])('%s is refused', async (_name, options) => {
  expect(await codeOf(createSquadFrom(options as CreateSquadOptions, async () => doubleModels()))).toBe('invalid-options');
});

test('models are freed when the options turn out wrong', async () => {
  let disposed = 0;
  const options = { maxAttempts: -1 };
  expect(await codeOf(createSquadFrom(options, async () => doubleModels(() => (disposed += 1))))).toBe('invalid-options');
  expect(disposed).toBe(1);
});

test('dispose frees the models once, after the calls under way', async () => {
  const events: string[] = [];
  const squad = await createSquadFrom({}, async () => doubleModels(() => events.push('disposed')));
  const call = squad.align('RUDE').then(() => events.push('aligned'));
  await Promise.all([squad.dispose(), squad.dispose()]);
  await call;
  expect(events).toEqual(['aligned', 'disposed']);
});

test('a disposed squad refuses calls', async () => {
  const squad = await createSquadFrom({}, async () => doubleModels());
  await squad[Symbol.asyncDispose]();
  expect(await codeOf(squad.align('text'))).toBe('disposed');
  expect(await codeOf(squad.inspect('text'))).toBe('disposed');
});
