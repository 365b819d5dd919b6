import type { Inspection, Verdict } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { judgeRewrite } from './accept.js';
import type { Rejection } from './result.js';
import { toVerdict } from './test-support.js';
import { failedVerdict } from './verdicts.js';

const acceptance = { minImprovement: 0.05, maxRegression: 0.05, criteria: new Map() };
const options = { target: 'a', acceptance, failOpen: new Set<string>() };
const noContext: Verdict = { status: 'unknown', misalignment: 1, threshold: 0.5, reason: 'no-context' };
const of = (a: number | Verdict, b: number | Verdict): Inspection => ({ a: toVerdict(a), b: toVerdict(b) });

const cases: [string, Inspection, Inspection, Rejection | undefined][] = [
  ['the target drops and the other stays', of(0.9, 0.1), of(0.2, 0.1), undefined],
  ['the target drops by exactly the least, in floating point a little under', of(0.3, 0.1), of(0.25, 0.1), undefined],
  ['the target drops by too little', of(0.9, 0.1), of(0.86, 0.1), 'no-improvement'],
  ['the target rises', of(0.9, 0.1), of(0.95, 0.1), 'no-improvement'],
  ['the target becomes unknown', of(0.9, 0.1), of(noContext, 0.1), 'no-improvement'],
  ['the other rises by exactly the most', of(0.9, 0.1), of(0.2, 0.15), undefined],
  ['the other rises by more', of(0.9, 0.1), of(0.2, 0.16), 'regression'],
  ['the other rises within the tolerance and over its threshold', of(0.9, 0.48), of(0.2, 0.51), 'regression'],
  ['the other was flagged and stays about as it was', of(0.9, 0.8), of(0.2, 0.82), undefined],
  ['the other was flagged and gets much worse', of(0.9, 0.6), of(0.2, 0.9), 'regression'],
  ['the other was judged and is not any more', of(0.9, 0.1), of(0.2, noContext), 'regression'],
  ['the other was never judged', of(0.9, noContext), of(0.2, noContext), undefined],
  ['the other was not judged and is flagged now', of(0.9, noContext), of(0.2, 0.7), 'regression'],
  ['the other could not be scored', of(0.9, 0.1), of(0.2, failedVerdict), 'inspector-failed'],
  ['the target could not be scored', of(0.9, 0.1), of(failedVerdict, 0.1), 'inspector-failed'],
];

test.each(cases)('%s', (_name, before, after, rejection) => {
  expect(judgeRewrite(before, after, options)).toBe(rejection);
});

test('the margins of a criterion go before those of all, each by itself', () => {
  const criteria = new Map([
    ['a', { minImprovement: 0.5 }],
    ['b', { maxRegression: 0.3 }],
  ]);
  const own = { ...options, acceptance: { ...acceptance, criteria } };
  expect(judgeRewrite(of(0.9, 0.1), of(0.5, 0.1), own)).toBe('no-improvement');
  expect(judgeRewrite(of(0.9, 0.1), of(0.3, 0.39), own)).toBeUndefined();
  expect(judgeRewrite(of(0.9, 0.1), of(0.3, 0.45), own)).toBe('regression');
  expect(judgeRewrite(of(0.1, 0.9), of(0.14, 0.8), { ...own, target: 'b' })).toBeUndefined();
});

describe('of a criterion that fails open', () => {
  const open = { ...options, failOpen: new Set(['b']) };
  test.each<[string, Inspection, Inspection, Rejection | undefined]>([
    ['a failure is no reason to refuse', of(0.9, 0.1), of(0.2, failedVerdict), undefined],
    ['a failure that was there before is none either', of(0.9, failedVerdict), of(0.2, failedVerdict), undefined],
    ['a failure does not hide a flag', of(0.9, 0.7), of(0.2, failedVerdict), 'inspector-failed'],
    ['a flag after a failure is a regression', of(0.9, failedVerdict), of(0.2, 0.7), 'regression'],
    ['the failure of another one still refuses', of(0.9, 0.1), of(failedVerdict, failedVerdict), 'inspector-failed'],
  ])('%s', (_name, before, after, rejection) => {
    expect(judgeRewrite(before, after, open)).toBe(rejection);
  });
});
