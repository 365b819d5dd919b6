import { expect, test } from 'vitest';
import { evaluateSquad } from './evaluate-squad.js';
import { collectEvaluation, createTestSquad, rows } from './test-support.js';

const evaluate = async (options = {}) => (await collectEvaluation(evaluateSquad(createTestSquad(), rows, options))).evaluation;

test('says what became of misaligned and of aligned texts', async () => {
  const { misaligned, aligned } = await evaluate();
  expect(misaligned).toMatchObject({ texts: 3, alignedShare: 2 / 3, outcomes: { aligned: 2, unfixed: 1, clean: 0 } });
  expect(aligned).toMatchObject({ texts: 5, changed: 1, changedShare: 0.2, outcomes: { clean: 4, aligned: 1 } });
  expect(misaligned.alignedShareInterval?.low).toBeLessThan(2 / 3);
  expect(misaligned.alignedShareInterval?.high).toBeGreaterThan(2 / 3);
});

test('measures how much the rewrites kept', async () => {
  const { rewrites } = (await evaluate()).misaligned;
  // RUDE becomes Kind in 20 characters, and one good sentence of one stays in each.
  expect(rewrites).toMatchObject({ texts: 2, goodSentencesKept: 1, goodSentences: 2, viewpointsKept: 1, diversityKept: 1 });
  expect(rewrites.charactersKept).toBeCloseTo(0.8, 12);
  expect(rewrites.editDistance).toBeCloseTo(0.2, 12);
});

test('asks the similarity that it is given', async () => {
  const { rewrites } = (await evaluate({ similarity: () => 0 })).misaligned;
  // Word for word is the same whatever the similarity says.
  expect(rewrites).toMatchObject({ viewpoints: 2, viewpointsKept: 1 });
  expect((await evaluate({ similarity: () => 1 })).misaligned.rewrites.viewpoints).toBe(4);
});

test('slices by criterion, length, context and source', async () => {
  const { slices } = await evaluate();
  const of = (by: string, name: string) => slices.find((slice) => slice.by === by && slice.name === name);
  expect(of('criterion', 'kind')).toMatchObject({ misaligned: { texts: 2, alignedShare: 1 }, aligned: { texts: 3 } });
  expect(of('criterion', 'clear')).toMatchObject({ misaligned: { texts: 1, alignedShare: 0 }, aligned: { texts: 1 } });
  expect(of('context', 'with')).toMatchObject({ misaligned: { texts: 1 }, aligned: { texts: 1 } });
  expect(of('source', 'books')).toMatchObject({ misaligned: { texts: 1 }, aligned: { texts: 1 } });
  expect(slices.filter(({ by }) => by === 'length').length).toBeGreaterThan(1);
});

test('aligns to the criteria that are named, and leaves rows of others out', async () => {
  expect(await evaluate({ criteria: ['clear'] })).toMatchObject({ criteria: ['clear'], misaligned: { texts: 1 }, aligned: { texts: 2, changed: 0 } });
});

test('times all texts', async () => {
  const { latency } = await evaluate();
  expect([latency.all.texts, latency.clean.texts, latency.aligned.texts]).toEqual([8, 4, 3]);
  expect(latency.all.p95Ms).toBeGreaterThanOrEqual(latency.all.p50Ms ?? Infinity);
});

test('holds no text of the data unless samples are asked for', async () => {
  expect(JSON.stringify(await evaluate())).not.toMatch(/RUDE|purr/);
  const { samples } = await evaluate({ samples: 9 });
  expect(samples).toHaveLength(3);
  expect(samples.find(({ id }) => id === 'a')).toMatchObject({
    criteria: ['kind'],
    outcome: 'aligned',
    original: 'Cats purr. RUDE one.',
    response: 'Cats purr. Kind one.',
    before: { kind: 0.9, clear: 0.1 },
    after: { kind: 0.1, clear: 0.1 },
  });
});

test('draws the same samples from the same seed', async () => {
  const ids = async (seed: number) => (await evaluate({ samples: 3, seed })).samples.map(({ id }) => id).join('');
  expect(await ids(1)).toBe(await ids(1));
  expect(new Set([await ids(1), await ids(2), await ids(3), await ids(4)]).size).toBeGreaterThan(1);
});

test('tells how far it is and stops with the reason of its signal', async () => {
  const { done } = await collectEvaluation(evaluateSquad(createTestSquad(), rows));
  expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  const reason = new DOMException('stop');
  const events = evaluateSquad(createTestSquad(), rows, { signal: AbortSignal.abort(reason) });
  await events.next();
  await expect(events.next()).rejects.toBe(reason);
});

test.each([
  ['samples below 0', { samples: -1 }, 'invalid-options'],
  ['a similarity that is no function', { similarity: 1 }, 'invalid-options'],
  ['a criterion that is not served', { criteria: ['other'] }, 'unknown-criterion'],
])('rejects %s', async (_what, options, code) => {
  await expect(evaluate(options)).rejects.toMatchObject({ code });
});
