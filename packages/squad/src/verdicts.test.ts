import type { Inspection, Verdict } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { toVerdict } from './test-support.js';
import {
  checkVerdict,
  failedVerdict,
  flaggedWorstFirst,
  hasFailed,
  passes,
  scoresOf,
  withPaperThreshold,
  withThresholds,
} from './verdicts.js';

const none: ReadonlySet<string> = new Set();
const noContext: Verdict = { status: 'unknown', misalignment: 1, threshold: 0.5, reason: 'no-context' };

test('a threshold of the caller restates the status from the score', () => {
  const restate = withThresholds(new Map([['a', 0.3]]));
  expect(restate('a', toVerdict(0.3))).toEqual({ status: 'flag', misalignment: 0.3, threshold: 0.3 });
  expect(restate('a', toVerdict(0.2))).toMatchObject({ status: 'pass', threshold: 0.3 });
  expect(restate('b', toVerdict(0.4))).toEqual(toVerdict(0.4));
});

test('a threshold of the caller never turns unknown into a pass', () => {
  expect(withThresholds(new Map([['a', 1]]))('a', failedVerdict)).toMatchObject({
    status: 'unknown',
    reason: 'failed',
  });
});

test('the paper flags below P(aligned) 0.5 and passes 0.5 itself', () => {
  expect(withPaperThreshold('a', toVerdict(0.5)).status).toBe('pass');
  expect(withPaperThreshold('a', toVerdict(0.5000001)).status).toBe('flag');
  expect(withPaperThreshold('a', noContext).status).toBe('unknown');
});

describe('passes', () => {
  const cases: [string, Inspection, boolean][] = [
    ['one pass', { a: toVerdict(0.1) }, true],
    ['a pass beside one that lacks its context', { a: toVerdict(0.1), b: noContext }, true],
    ['nothing that was judged', { b: noContext }, false],
    ['a pass beside one that failed', { a: toVerdict(0.1), b: failedVerdict }, false],
    ['a pass beside a flag', { a: toVerdict(0.1), b: toVerdict(0.9) }, false],
    [
      'an unknown without a reason',
      { a: toVerdict(0.1), b: { status: 'unknown', misalignment: 0, threshold: 0.5 } },
      false,
    ],
    ['no verdict at all', {}, false],
  ];
  test.each(cases)('of %s', (_name, inspection, expected) => {
    expect(passes(inspection, none)).toBe(expected);
  });
});

test('flags come furthest over their own threshold first', () => {
  const strict: Verdict = { status: 'flag', misalignment: 0.6, threshold: 0.1 };
  expect(flaggedWorstFirst({ a: toVerdict(0.9), b: strict, c: toVerdict(0.2), d: failedVerdict })).toEqual(['b', 'a']);
});

test('flags that are equally far over keep the order of the criteria', () => {
  expect(flaggedWorstFirst({ b: toVerdict(0.9), a: toVerdict(0.9) })).toEqual(['b', 'a']);
});

test('a failed criterion is told apart from one without its context', () => {
  expect(hasFailed({ a: noContext }, none)).toBe(false);
  expect(hasFailed({ a: noContext, b: failedVerdict }, none)).toBe(true);
});

test('a criterion that fails open neither fails nor keeps the rest from passing', () => {
  const open = new Set(['b']);
  expect(hasFailed({ a: failedVerdict, b: failedVerdict }, open)).toBe(true);
  expect(hasFailed({ a: toVerdict(0.1), b: failedVerdict }, open)).toBe(false);
  expect(passes({ a: toVerdict(0.1), b: failedVerdict }, open)).toBe(true);
  expect(passes({ b: failedVerdict }, open)).toBe(true);
  expect(passes({ a: toVerdict(0.9), b: failedVerdict }, open)).toBe(false);
  expect(passes({ a: failedVerdict, b: toVerdict(0.1) }, open)).toBe(false);
  expect(passes({ b: toVerdict(0.9) }, open)).toBe(false);
});

test('scores are P(misaligned) by criterion', () => {
  expect(scoresOf({ a: toVerdict(0.25), b: failedVerdict })).toEqual({ a: 0.25, b: 1 });
});

describe('an inspector contradicts the contract with', () => {
  const broken: [string, unknown][] = [
    ['no inspection', undefined],
    ['no verdict', {}],
    ['a verdict from the prototype only', Object.create({ a: toVerdict(0.1) })],
    ['another status', { a: { status: 'ok', misalignment: 0.1, threshold: 0.5 } }],
    ['NaN', { a: { status: 'pass', misalignment: Number.NaN, threshold: 0.5 } }],
    ['a score above 1', { a: { status: 'pass', misalignment: 1.2, threshold: 0.5 } }],
    ['no threshold', { a: { status: 'pass', misalignment: 0.2 } }],
    ['unknown because it failed', { a: failedVerdict }],
  ];
  test.each(broken)('%s', (_name, inspection) => {
    // a cast, because the types forbid what a broken inspector does
    expect(() => checkVerdict(inspection as Inspection, 'a')).toThrowError(
      expect.objectContaining({ code: 'inspector-failed' }),
    );
  });
});
