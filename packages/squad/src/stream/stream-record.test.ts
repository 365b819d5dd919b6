import type { Verdict } from '@align-squad/core';
import { expect, test } from 'vitest';
import type { AlignResult, Outcome } from '../result.js';
import { failedVerdict } from '../verdicts.js';
import { toVerdict } from '../test-support.js';
import { createStreamRecord, lastPassed, toStreamResult } from './stream-record.js';

const noContext: Verdict = { status: 'unknown', misalignment: 1, threshold: 0.5, reason: 'no-context' };

function resultOf(outcome: Outcome, a: number | Verdict, more: Partial<AlignResult> = {}): AlignResult {
  const inspections = { a: { ...toVerdict(a), spans: [{ start: 0, end: 1, misalignment: 0 }] } };
  const timing = { totalMs: 9, inspectMs: 1, alignMs: 2, inspectorCalls: 3 };
  return { outcome, response: 'x', original: 'x', changed: false, changes: [], inspections, originalInspections: inspections, steps: [], timing, ...more };
}

test.each<[string[], number, string]>([
  [['ab', 'cd', 'ef'], 4, 'cdef'],
  [['ab', 'cd', 'ef'], 5, 'cdef'],
  [['ab', 'cd', 'ef'], 100, 'abcdef'],
  [['ab', 'cdefgh'], 4, ''],
  [['ab'], 0, ''],
  [[], 10, ''],
])('of %j at most %s characters, whole texts of them, are %j', (passed, limit, expected) => {
  expect(lastPassed(passed, limit)).toBe(expected);
});

test.each<[Outcome[], Outcome | undefined, Outcome]>([
  [['clean', 'clean'], 'clean', 'clean'],
  [['clean', 'aligned'], 'clean', 'clean'],
  [['clean', 'blocked', 'aligned'], 'clean', 'blocked'],
  [['blocked', 'clean'], 'unfixed', 'unfixed'],
  [['unfixed', 'error'], 'clean', 'error'],
  [['error', 'timeout'], undefined, 'timeout'],
])('windows %j and a whole that is %s make the stream %s', (outcomes, whole, expected) => {
  const record = { ...createStreamRecord(), results: outcomes.map((outcome) => resultOf(outcome, 0)), released: 'x' };
  const result = toStreamResult({ ...record, whole: whole && resultOf(whole, 0) }, { original: 'x', totalMs: 1 });
  expect(result.outcome).toBe(expected);
});

test('what changed without a fault is aligned', () => {
  const record = { ...createStreamRecord(), results: [resultOf('aligned', 0)], released: 'y' };
  expect(toStreamResult(record, { original: 'x', totalMs: 1 })).toMatchObject({ outcome: 'aligned', changed: true, response: 'y' });
});

test.each<[string, (number | Verdict)[], Verdict]>([
  ['a flag before a failure', [failedVerdict, 0.6, 0.9, 0.1], toVerdict(0.9)],
  ['a failure before a pass', [0.4, failedVerdict], failedVerdict],
  ['a pass before what was not judged', [noContext, 0.2, 0.4], toVerdict(0.4)],
])('of several windows the worst verdict counts: %s', (_, verdicts, expected) => {
  const record = { ...createStreamRecord(), results: verdicts.map((verdict) => resultOf('clean', verdict)) };
  expect(toStreamResult(record, { original: '', totalMs: 1 }).inspections).toEqual({ a: expected });
});

test('times and calls add up', () => {
  const record = { ...createStreamRecord(), results: [resultOf('clean', 0), resultOf('clean', 0)], whole: resultOf('clean', 0), released: 'x' };
  expect(toStreamResult(record, { original: 'x', totalMs: 7 }).timing).toEqual({ totalMs: 7, inspectMs: 3, alignMs: 6, inspectorCalls: 9 });
});
