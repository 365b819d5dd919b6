import { expect, test } from 'vitest';
import { createAttemptLog, nextAttempts, type Attempt, type AttemptLog, type NextAttemptsOptions } from './attempts.js';
import { fakeAligner } from './test-support.js';

const small = fakeAligner(['a', 'b'], () => 'x', { maxCandidates: 2, version: 'small' });
const large = fakeAligner(['a'], () => 'x', { version: 'large' });
const criteria = ['c', 'a', 'b'];

function next(text: string, log: AttemptLog, options: Partial<NextAttemptsOptions> = {}): Attempt[] {
  return nextAttempts(text, { criteria, aligners: [small, large], log, wanted: 1, attemptsPerAligner: Infinity, ...options });
}

function drain(log: AttemptLog, options: Partial<NextAttemptsOptions> = {}): string[] {
  const seen: string[] = [];
  for (let attempts = next('t', log, options); attempts.length > 0; attempts = next('t', log, options)) {
    seen.push(attempts.map(({ criterion, aligner, candidate }) => `${criterion} ${aligner.version} ${candidate}`).join(', '));
    for (const attempt of attempts) log.record('t', attempt, false);
  }
  return seen;
}

test('attempts go by criterion, then aligner, then candidate, and end when all are used up', () => {
  expect(drain(createAttemptLog())).toEqual(['a small 0', 'a small 1', 'a large 0', 'b small 0', 'b small 1']);
});

test('several attempts at once are of one criterion and one aligner, as many as it has', () => {
  expect(drain(createAttemptLog(), { wanted: 3 })).toEqual(['a small 0, a small 1', 'a large 0', 'b small 0, b small 1']);
});

test('an aligner is asked no more than its attempts, all criteria together', () => {
  expect(drain(createAttemptLog(), { attemptsPerAligner: 1 })).toEqual(['a small 0', 'a large 0']);
  expect(drain(createAttemptLog(), { attemptsPerAligner: 3, wanted: 2 })).toEqual(['a small 0, a small 1', 'a large 0', 'b small 0']);
});

test('nothing is tried when none is wanted or no criterion is left', () => {
  expect(next('t', createAttemptLog(), { wanted: 0 })).toEqual([]);
  expect(next('t', createAttemptLog(), { criteria: ['c'] })).toEqual([]);
});

test('an exhausted aligner is not asked for further candidates', () => {
  const log = createAttemptLog();
  log.record('t', { criterion: 'a', aligner: small, candidate: 0 }, true);
  expect(next('t', log)).toEqual([{ criterion: 'a', aligner: large, candidate: 0 }]);
});

test('another text starts afresh, but attempts go on counting', () => {
  const log = createAttemptLog();
  log.record('t', { criterion: 'a', aligner: small, candidate: 0 }, true);
  expect(next('u', log)).toEqual([{ criterion: 'a', aligner: small, candidate: 0 }]);
  expect([log.count(), log.count(small), log.count(large)]).toEqual([1, 1, 0]);
});

test('an aligner without a limit of candidates is asked for those that are wanted', () => {
  const endless = fakeAligner(['a'], () => 'x', { maxCandidates: Infinity });
  expect(next('t', createAttemptLog(), { aligners: [endless], wanted: 4 }).map(({ candidate }) => candidate)).toEqual([0, 1, 2, 3]);
});
