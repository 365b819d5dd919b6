import type { Inspection, Verdict } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { bestOf, compareStanding, standingOf } from './best-state.js';
import { toVerdict } from './test-support.js';
import { failedVerdict } from './verdicts.js';

const none: ReadonlySet<string> = new Set();
const noContext: Verdict = { status: 'unknown', misalignment: 1, threshold: 0.5, reason: 'no-context' };
const of = (a: number | Verdict, b: number | Verdict): Inspection => ({ a: toVerdict(a), b: toVerdict(b) });

test('the excess is what is over the thresholds, and what was not judged has none', () => {
  const { passes, excess, sum } = standingOf({ a: toVerdict(0.75), b: toVerdict(0.25), c: noContext }, none);
  expect({ passes, excess, sum }).toEqual({ passes: false, excess: 0.25, sum: 2 });
});

describe('the better text is', () => {
  const atThreshold: Verdict = { status: 'flag', misalignment: 0.5, threshold: 0.5 };
  test.each<[string, Inspection, Inspection]>([
    ['the one that passes, whatever its sum', of(0.45, 0.45), of(atThreshold, 0)],
    ['the one with less over its thresholds', of(0.6, 0.4), of(0.75, 0)],
    ['with the same excess, the one with the smaller sum', of(0.6, 0.1), of(0.6, 0.2)],
    ['one that was judged where the other failed', of(0.6, 0.4), of(0.6, failedVerdict)],
  ])('%s', (_name, better, worse) => {
    expect(compareStanding(standingOf(better, none), standingOf(worse, none))).toBeLessThan(0);
    expect(compareStanding(standingOf(worse, none), standingOf(better, none))).toBeGreaterThan(0);
  });
});

test('equal texts tie, also where sums differ in their last bits', () => {
  const [one, other] = [of(0.1, 0.2), { a: toVerdict(0.3), b: toVerdict(0.1 + 0.2 - 0.3) }];
  expect(compareStanding(standingOf(one, none), standingOf(other, none))).toBe(0);
});

test('the best of several is the first of those that tie, and of none there is none', () => {
  expect(bestOf([of(0.9, 0.1), of(0.6, 0.1), of(0.6, 0.1)], none)).toBe(1);
  expect(bestOf([], none)).toBeUndefined();
});
