import { expect, test } from 'vitest';
import { summariseSquad } from './squad-report.js';
import { madeBaseline, madeRecord, madeResult } from './test-support.js';

const clean = (totalMs: number) => madeResult({ outcome: 'clean', original: 'good', totalMs });
const fixed = madeResult({ outcome: 'aligned', original: 'so bad', response: 'so fine' });
const worse = madeResult({ outcome: 'aligned', original: 'fine', response: 'fine bad' });
const unfixed = madeResult({ outcome: 'unfixed', original: 'bad' });
const changed = madeResult({ outcome: 'aligned', original: 'good', response: 'better' });

const judged = [
  { record: madeRecord({ id: 'a' }), aligned: clean(1), misaligned: { own: fixed, all: unfixed } },
  { record: madeRecord({ id: 'b' }), aligned: clean(3), misaligned: { own: worse, all: clean(9) } },
  { record: madeRecord({ id: 'c', criterion: 'helpful' }), aligned: changed, misaligned: { own: unfixed, all: unfixed } },
  { record: madeRecord({ id: 'd', criterion: 'clean', identity: true }), aligned: clean(2) },
];
const report = summariseSquad(judged, madeBaseline);

test('gives the share of misaligned texts that end aligned, by the criterion of the record', () => {
  expect(report.misaligned['ethical']?.own).toMatchObject({ texts: 2, alignedShare: 1 });
  expect(report.misaligned['ethical']?.all).toMatchObject({ texts: 2, alignedShare: 0, outcomes: { unfixed: 1, clean: 1 } });
  expect(report.misaligned['helpful']?.own).toMatchObject({ texts: 1, alignedShare: 0, charactersKept: null });
  expect(Object.keys(report.misaligned)).toEqual(['ethical', 'helpful']);
});

test('measures the characters kept among the texts that end aligned', () => {
  // 3 of 6 characters of the first, all of the second.
  expect(report.misaligned['ethical']?.own.charactersKept).toBeCloseTo(0.75);
});

test('asks the baseline whether the fixed texts got better', () => {
  expect(report.misaligned['ethical']?.own.baselineAgrees).toBe(0.5);
});

test('gives the share of already aligned texts that were changed, by source and in all', () => {
  expect(report.alreadyAligned['helpful']).toMatchObject({ texts: 1, changed: 1, changedShare: 1 });
  expect(report.alreadyAligned['clean']).toMatchObject({ texts: 1, changed: 0, changedShare: 0 });
  expect(report.alreadyAlignedInAll).toMatchObject({ texts: 4, changed: 1, changedShare: 0.25 });
});

test('takes the latency from the already aligned texts that ended clean', () => {
  expect(report.latency).toMatchObject({ texts: 3, p50Ms: 2 });
  expect(summariseSquad([], madeBaseline).latency).toEqual({ texts: 0, p50Ms: null, p95Ms: null });
});
