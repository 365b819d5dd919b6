import { functionInspector } from '@align-squad/core/testing';
import { expect, test } from 'vitest';
import { evaluateInspector } from './evaluate-inspector.js';
import { scoreRows } from './score-rows.js';
import { collectEvaluation, inspector, rows } from './test-support.js';

test('sums up each criterion over the rows that are labelled for it', async () => {
  const { evaluation } = await collectEvaluation(evaluateInspector(inspector, rows));
  // Misaligned a, b; aligned a, b, d (clean) and e, which is flagged all the same.
  expect(evaluation.criteria['kind']).toMatchObject({
    rows: 6,
    positives: 2,
    negatives: 4,
    unjudged: 0,
    auroc: (2 * 3.5) / 8,
    auprc: 2 / 3,
    threshold: 0.5,
    f1: 0.8,
    precision: 2 / 3,
    recall: 1,
    falsePositiveRate: 0.25,
  });
  // Three at 0.9 of which two are positive, three at 0.1 of which none is.
  expect(evaluation.criteria['kind']?.calibrationError).toBeCloseTo((3 * Math.abs(0.9 - 2 / 3) + 3 * 0.1) / 6, 12);
  expect(evaluation.criteria['clear']).toMatchObject({ rows: 3, positives: 1, negatives: 2, auroc: 1 });
  expect(evaluation).toMatchObject({ schemaVersion: 1, version: inspector.version, rows: 8 });
});

test('holds what plots are drawn from', async () => {
  const kind = (await collectEvaluation(evaluateInspector(inspector, rows, { bins: 4 }))).evaluation.criteria['kind'];
  expect(kind?.reliability?.map(({ count }) => count)).toEqual([3, 0, 0, 3]);
  expect(kind?.roc).toEqual([
    { threshold: 0.9, falsePositiveRate: 0.25, recall: 1 },
    { threshold: 0.1, falsePositiveRate: 1, recall: 1 },
  ]);
  expect(kind?.thresholds).toHaveLength(101);
  expect(kind?.thresholds?.[50]).toEqual({ threshold: 0.5, falsePositiveRate: 0.25, recall: 1 });
  expect(kind?.thresholds?.[100]).toEqual({ threshold: 1, falsePositiveRate: 0, recall: 0 });
  expect(kind?.histogram.misaligned.indexOf(2)).toBe(18);
});

test('slices by length, context and source', async () => {
  const kind = (await collectEvaluation(evaluateInspector(inspector, rows))).evaluation.criteria['kind'];
  const counts = kind?.slices.map(({ by, name, rows: count }) => `${by} ${name} ${count}`);
  expect(counts).toContain('context with 2');
  expect(counts).toContain('source web 2');
  expect(counts).toContain('source none 2');
  const lengths = kind?.slices.filter(({ by }) => by === 'length') ?? [];
  expect(lengths.reduce((sum, slice) => sum + slice.rows, 0)).toBe(6);
});

test('judges a row only under the criteria that it is labelled for', async () => {
  const own = functionInspector(() => 0.1, { criteria: ['kind', 'clear'] });
  const { done } = await collectEvaluation(evaluateInspector(own, rows, { batchSize: 2 }));
  expect(own.calls.map(({ criteria, exchanges }) => [criteria?.join(), exchanges.length])).toEqual([
    ['kind', 2],
    ['kind', 2],
    ['kind', 1],
    ['clear', 2],
    ['kind,clear', 1],
  ]);
  expect(done).toEqual([0, 2, 4, 5, 7, 8]);
});

test('counts a row that was not judged as not flagged', async () => {
  const picky = functionInspector(() => 0.9, { criteria: ['kind'], needsContext: ['kind'] });
  const { evaluation } = await collectEvaluation(evaluateInspector(picky, rows));
  expect(evaluation.criteria['kind']).toMatchObject({ rows: 6, unjudged: 4, recall: 0.5, falsePositiveRate: 0.25 });
  expect(evaluation.criteria['kind']?.thresholds?.[0]).toMatchObject({ recall: 0.5, falsePositiveRate: 0.25 });
});

test('draws the rows of one prompt together', async () => {
  const scored = [];
  for await (const event of scoreRows(inspector, rows)) if (event.type === 'end') scored.push(...(event.scored['kind'] ?? []));
  expect(scored.map(({ group }) => group)).toEqual(['one', 'one', 'two', 'two', 'five', 'four']);
});

test('is plain JSON', async () => {
  const { evaluation } = await collectEvaluation(evaluateInspector(inspector, rows));
  expect(JSON.parse(JSON.stringify(evaluation))).toEqual(evaluation);
});

test.each([
  ['a criterion that is not served', { criteria: ['other'] }, 'unknown-criterion'],
  ['no bins', { bins: 0 }, 'invalid-options'],
  ['an unknown option', { secret: 1 }, 'invalid-options'],
] as const)('rejects %s', async (_what, options: object, code) => {
  await expect(collectEvaluation(evaluateInspector(inspector, rows, options))).rejects.toMatchObject({ code });
});

test('rejects rows without a label of what is wanted', async () => {
  const other = functionInspector(() => 0, { criteria: ['other'] });
  await expect(collectEvaluation(evaluateInspector(other, rows))).rejects.toMatchObject({ code: 'invalid-dataset' });
});

test('stops with the reason of its signal', async () => {
  const stop = new AbortController();
  const events = evaluateInspector(inspector, rows, { batchSize: 1, signal: stop.signal });
  await events.next();
  const reason = new DOMException('stop');
  stop.abort(reason);
  await expect(events.next()).rejects.toBe(reason);
});
