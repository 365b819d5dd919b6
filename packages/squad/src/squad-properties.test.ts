import type { Verdict } from '@align-squad/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSquad } from './create-squad.js';
import type { AlignOptions } from './options.js';
import type { AlignResult } from './result.js';
import {
  fakeAligner,
  fakeInspector,
  hashUnit,
  seededRandom,
  type FakeAligner,
  type FakeInspector,
} from './test-support.js';

interface Run {
  readonly seed: number;
  readonly result: AlignResult;
  readonly options: AlignOptions & { readonly maxAttempts: number };
  readonly inspectors: readonly FakeInspector[];
  readonly aligners: readonly FakeAligner[];
}

/** Inspectors and aligners that score, fail, lack their context and refuse at random, yet the same for the same text. */
async function randomRun(seed: number): Promise<Run> {
  const random = seededRandom(seed);
  const criteria = ['a', 'b', 'c', 'd'].slice(0, 1 + Math.floor(random() * 4));
  const cut = Math.floor(random() * (criteria.length + 1));
  const chance = (key: string): number => hashUnit(key, seed);
  const failureRate = random() < 0.5 ? 0 : 0.15;
  const judge = ({ response }: { response: string }, criterion: string): number | Verdict => {
    if (chance(`context ${criterion}`) < 0.15)
      return { status: 'unknown', misalignment: 1, threshold: 0.5, reason: 'no-context' };
    if (chance(`broken ${criterion} ${response}`) < failureRate / 2) return Number.NaN;
    return Math.floor(chance(`${criterion} ${response}`) * 21) / 20;
  };
  const before = ([exchange]: readonly { response: string }[]): Promise<void> | void =>
    chance(`throws ${exchange?.response}`) < failureRate ? Promise.reject(new TypeError('x')) : undefined;
  const inspectors = [criteria.slice(0, cut), criteria.slice(cut)]
    .filter((served) => served.length > 0)
    .map((served) => fakeInspector({ criteria: served, judge, before }));
  const aligners = Array.from({ length: Math.floor(random() * 4) }, (_value, index) =>
    fakeAligner(
      criteria.filter(() => random() < 0.7),
      ({ exchange, criterion, candidate }) => {
        const key = `${index} ${criterion} ${candidate} ${exchange.response}`;
        if (chance(`fails ${key}`) < failureRate) throw new TypeError('x');
        if (chance(`none ${key}`) < 0.1) return undefined;
        return `t${Math.floor(chance(key) * 12)}`;
      },
      { maxCandidates: 1 + Math.floor(random() * 3), version: `aligner-${index}` },
    ),
  );
  const options = {
    maxAttempts: Math.floor(random() * 12),
    acceptance: { minImprovement: random() * 0.2, maxRegression: random() * 0.3 },
    ...(random() < 0.3 && { thresholds: { a: random() } }),
  };
  const result = await createSquad({ inspectors, aligners }).align('t0', options);
  return { seed, result, options, inspectors, aligners };
}

describe('whatever 1,500 random inspectors and aligners do', () => {
  let runs: Run[] = [];
  beforeAll(async () => {
    runs = await Promise.all(Array.from({ length: 1_500 }, (_value, seed) => randomRun(seed)));
  });

  test('every outcome that can come does come', () => {
    expect(new Set(runs.map(({ result }) => result.outcome))).toEqual(
      new Set(['clean', 'aligned', 'unfixed', 'error']),
    );
  });

  test('the text is the original or the last accepted rewrite', () => {
    for (const { result, seed } of runs) {
      const last = result.steps.findLast((step) => step.accepted);
      const rewrite = last?.diff
        .filter((part) => part.type !== 'removed')
        .map((part) => part.text)
        .join('');
      expect(result.response, `seed ${seed}`).toBe(rewrite ?? result.original);
      expect(result.changed).toBe(result.response !== result.original);
    }
  });

  test('a criterion that passed at first still passes', () => {
    for (const { result, seed } of runs) {
      for (const [criterion, verdict] of Object.entries(result.originalInspections)) {
        if (verdict.status === 'pass') expect(result.inspections[criterion]?.status, `seed ${seed}`).toBe('pass');
      }
    }
  });

  test('clean and aligned mean that something passed and nothing is flagged or failed', () => {
    for (const { result, seed } of runs) {
      if (result.outcome !== 'clean' && result.outcome !== 'aligned') continue;
      const verdicts = Object.values(result.inspections);
      expect(
        verdicts.some((verdict) => verdict.status === 'pass'),
        `seed ${seed}`,
      ).toBe(true);
      expect(
        verdicts.every((verdict) => verdict.status === 'pass' || verdict.reason === 'no-context'),
        `seed ${seed}`,
      ).toBe(true);
      expect(result.changed).toBe(result.outcome === 'aligned');
    }
  });

  test('unfixed and error mean that something is flagged, failed, or that nothing was judged', () => {
    for (const { result, seed } of runs) {
      if (result.outcome !== 'unfixed' && result.outcome !== 'error') continue;
      const verdicts = Object.values(result.inspections);
      const open = verdicts.some((verdict) => verdict.status === 'flag' || verdict.reason === 'failed');
      expect(open || verdicts.every((verdict) => verdict.status === 'unknown'), `seed ${seed}`).toBe(true);
      expect(result.error !== undefined).toBe(result.outcome === 'error');
    }
  });

  test('each accepted step improved its target and harmed no other beyond the tolerance', () => {
    for (const { result, options, seed } of runs) {
      for (const { criterion, before, after = {}, accepted } of result.steps) {
        if (!accepted) continue;
        const change = (id: string): number => (after[id] ?? 1) - (before[id] ?? 1);
        expect(change(criterion), `seed ${seed}`).toBeLessThanOrEqual(1e-9 - (options.acceptance?.minImprovement ?? 0));
        for (const id of Object.keys(before)) {
          if (id !== criterion) expect(change(id)).toBeLessThanOrEqual(1e-9 + (options.acceptance?.maxRegression ?? 0));
        }
      }
    }
  });

  test('there are no more steps than attempts', () => {
    for (const { result, options } of runs) expect(result.steps.length).toBeLessThanOrEqual(options.maxAttempts);
  });

  test('nothing is asked twice, of inspectors or of aligners', () => {
    for (const { inspectors, aligners, seed } of runs) {
      for (const { calls } of inspectors) expect(new Set(calls.flat()).size, `seed ${seed}`).toBe(calls.flat().length);
      for (const { requests } of aligners) {
        const keys = requests.map(
          ({ exchange, criterion, candidate }) => `${exchange.response} ${criterion} ${candidate}`,
        );
        expect(new Set(keys).size, `seed ${seed}`).toBe(keys.length);
      }
    }
  });
});
