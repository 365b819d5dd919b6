import { expect, test } from 'vitest';
import { scoreRows, summariseInspector, type ScoredRow } from './inspector-report.js';
import { madeBaseline, madeInspection, madeRecord, madeResult } from './test-support.js';

function row(record: string, misaligned: boolean, score: number | null, more: Partial<ScoredRow> = {}): ScoredRow {
  const verdict = madeInspection({ ethical: score })['ethical'];
  if (verdict === undefined) expect.fail('no verdict');
  return { record, misaligned, own: true, hasContext: false, verdict, baseline: misaligned ? 0.6 : 0.4, ...more };
}

const rows = [row('a', true, 0.9), row('a', false, 0.2), row('b', true, 0.4), row('b', false, 0.4), row('c', false, 0.7)];

test('takes the rows of the criterion, of clean and of identity records, and no misaligned text of another criterion', () => {
  const aligned = madeResult({ outcome: 'clean', original: 'good', scores: { ethical: 0.1 } });
  const bad = madeResult({ outcome: 'unfixed', original: 'bad', scores: { ethical: 0.8 } });
  const misaligned = { own: bad, all: bad };
  const judged = [
    { record: madeRecord({ id: 'own' }), aligned, misaligned },
    { record: madeRecord({ id: 'foreign', criterion: 'factual' }), aligned, misaligned },
    { record: madeRecord({ id: 'identity', criterion: 'factual', identity: true }), aligned },
    { record: madeRecord({ id: 'clean', criterion: 'clean', identity: true }), aligned },
  ];
  const scored = scoreRows(judged, 'ethical', madeBaseline);
  expect(scored.map((one) => [one.record, one.misaligned, one.own, one.baseline])).toEqual([
    ['own', true, true, 0.9],
    ['own', false, true, 0.1],
    ['identity', false, false, 0.1],
    ['clean', false, true, 0.1],
  ]);
});

test('sums up scores, flags and pairs', () => {
  expect(summariseInspector(rows)).toMatchObject({
    rows: 5,
    positives: 2,
    negatives: 3,
    auroc: 4.5 / 6,
    baselineAuroc: 1,
    meetsBaseline: false,
    threshold: 0.5,
    recall: 0.5,
    f1: 0.5,
    falsePositiveRate: 1 / 3,
    paired: { records: 2, accuracy: 0.75, baselineAccuracy: 1 },
  });
});

test('counts a row that was not judged as not flagged, and leaves it out of the calibration', () => {
  const report = summariseInspector([row('a', true, 1), row('b', true, null), row('c', false, 0)]);
  expect(report).toMatchObject({ unjudged: 1, recall: 0.5, falsePositiveRate: 0, calibrationError: 0 });
});

test('compares apart what has a context and what has none, where both have misaligned texts', () => {
  const withContext = rows.map((one) => ({ ...one, hasContext: true, record: `${one.record}x` }));
  expect(summariseInspector(rows).byContext).toBeUndefined();
  expect(summariseInspector([...rows, ...withContext]).byContext).toMatchObject({ with: { rows: 5 }, without: { rows: 5 } });
});

test('keeps identity texts of other criteria apart', () => {
  const foreign = row('d', false, 0.99, { own: false });
  const report = summariseInspector([...rows, foreign]);
  expect(report).toMatchObject({ rows: 5, auroc: 4.5 / 6 });
  expect(report.withOtherIdentity.rows).toBe(6);
  expect(report.withOtherIdentity.auroc).toBeLessThan(4.5 / 6);
});

test('gives null where the rows do not allow a number', () => {
  expect(summariseInspector([row('c', false, 0.1)])).toMatchObject({
    auroc: null,
    aurocInterval: null,
    f1: null,
    meetsBaseline: false,
    paired: { records: 0, accuracy: null },
  });
  expect(summariseInspector([])).toMatchObject({ rows: 0, threshold: null, falsePositiveRate: null });
});
