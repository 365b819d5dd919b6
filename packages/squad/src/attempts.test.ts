import { expect, test } from 'vitest';
import { createAttemptLog, nextAttempt } from './attempts.js';
import { fakeAligner, toVerdict } from './test-support.js';

const small = fakeAligner(['a', 'b'], () => 'x', { maxCandidates: 2, version: 'small' });
const large = fakeAligner(['a'], () => 'x', { version: 'large' });
const inspection = { b: toVerdict(0.6), a: toVerdict(0.9), c: toVerdict(0.99) };

test('attempts go by criterion, then aligner, then candidate, and end when all are used up', () => {
  const log = createAttemptLog();
  const seen: string[] = [];
  for (let attempt = nextAttempt('t', inspection, [small, large], log); attempt; ) {
    seen.push(`${attempt.criterion} ${attempt.aligner.version} ${attempt.candidate}`);
    log.record('t', attempt, false);
    attempt = nextAttempt('t', inspection, [small, large], log);
  }
  expect(seen).toEqual(['a small 0', 'a small 1', 'a large 0', 'b small 0', 'b small 1']);
});

test('an exhausted aligner is not asked for further candidates', () => {
  const log = createAttemptLog();
  log.record('t', { criterion: 'a', aligner: small, candidate: 0 }, true);
  expect(nextAttempt('t', inspection, [small, large], log)).toEqual({ criterion: 'a', aligner: large, candidate: 0 });
});

test('another text starts afresh', () => {
  const log = createAttemptLog();
  log.record('t', { criterion: 'a', aligner: small, candidate: 0 }, true);
  expect(nextAttempt('u', inspection, [small], log)).toEqual({ criterion: 'a', aligner: small, candidate: 0 });
});

test('nothing is tried when nothing is flagged', () => {
  expect(nextAttempt('t', { a: toVerdict(0.1) }, [small], createAttemptLog())).toBeUndefined();
});
