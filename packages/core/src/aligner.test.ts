import { expect, test } from 'vitest';
import { collectCorrection, type Aligner, type AlignEvent } from './aligner.js';
import { scriptedAligner } from './testing/index.js';

const request = { exchange: { response: 'Bad.' }, criterion: 'ethical' };

function alignerOf(events: readonly AlignEvent[], onReturn = (): void => undefined): Aligner {
  return {
    contract: 'aligner/1',
    version: 'events/1',
    criteria: ['ethical'],
    abilities: { maxCandidates: 1, deterministic: true },
    async *align() {
      try {
        yield* events;
      } finally {
        onReturn();
      }
    },
  };
}

test('joins the texts of a rewrite', async () => {
  const aligner = scriptedAligner([{ rewrite: ['Go', '', 'od.'] }]);
  expect(await collectCorrection(aligner, request)).toEqual({ outcome: 'rewritten', response: 'Good.' });
});

test('no rewrite has no response', async () => {
  expect(await collectCorrection(scriptedAligner([{ none: true }]), request)).toEqual({ outcome: 'none' });
});

test('a stream that ends without `end` is no rewrite', async () => {
  const aligner = alignerOf([{ type: 'text', text: 'half a rewri' }]);
  expect(await collectCorrection(aligner, request)).toEqual({ outcome: 'none' });
});

test('closes the stream once it has seen `end`', async () => {
  let closed = 0;
  const events: AlignEvent[] = [{ type: 'end', outcome: 'none' }, { type: 'text', text: 'late' }];
  expect(await collectCorrection(alignerOf(events, () => (closed += 1)), request)).toEqual({ outcome: 'none' });
  expect(closed).toBe(1);
});

test('an error of the aligner comes through untouched', async () => {
  const error = new TypeError('broken');
  await expect(collectCorrection(scriptedAligner([{ throws: error, after: ['half'] }]), request)).rejects.toBe(error);
});

test("rejects with the signal's reason even when the aligner does not look at its signal", async () => {
  const signal = AbortSignal.abort('stop');
  const aligner = alignerOf([{ type: 'text', text: 'Good.' }, { type: 'end', outcome: 'rewritten' }]);
  await expect(collectCorrection(aligner, request, { signal })).rejects.toBe('stop');
});
