import type { Verdict } from '@align-squad/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { standingOf } from './best-state.js';
import { createSquad } from './create-squad.js';
import type { Acceptance, AlignOptions, Margins } from './options.js';
import type { AlignResult, Step } from './result.js';
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
  readonly options: AlignOptions & {
    readonly maxAttempts: number;
    readonly candidates: number;
    readonly attemptsPerAligner: number;
    readonly failOpen: readonly string[];
    readonly acceptance: Acceptance;
  };
  readonly inspectors: readonly FakeInspector[];
  readonly aligners: readonly FakeAligner[];
  /** True for a text that breaks the call whose first one it is. */
  readonly breaks: (text: string | undefined) => boolean;
}

/** Mostly the inspectors' own; some worlds are so strict that nearly all is flagged, and scores drift within the tolerance. */
function randomThresholds(criteria: readonly string[], random: () => number): Record<string, number> {
  if (random() < 0.4) return Object.fromEntries(criteria.map((id) => [id, random() * 0.1]));
  return random() < 0.3 ? { a: random() } : {};
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
  const breaks = (text: string | undefined): boolean => chance(`throws ${text}`) < failureRate;
  const before = ([exchange]: readonly { response: string }[]): Promise<void> | void =>
    breaks(exchange?.response) ? Promise.reject(new TypeError('x')) : undefined;
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
    acceptance: {
      minImprovement: random() * 0.2,
      maxRegression: random() * 0.6,
      criteria: random() < 0.3 ? { a: { minImprovement: random() * 0.2, maxRegression: random() * 0.3 } } : {},
    },
    thresholds: randomThresholds(criteria, random),
    candidates: 1 + Math.floor(random() * 3),
    attemptsPerAligner: 1 + Math.floor(random() * 12),
    failOpen: criteria.filter(() => random() < 0.2),
  };
  const result = await createSquad({ inspectors, aligners }).align('t0', options);
  return { seed, result, options, inspectors, aligners, breaks };
}

const textOf = (step: Step): string =>
  step.diff
    .filter((part) => part.type !== 'removed')
    .map((part) => part.text)
    .join('');

/** The acceptance margins of a criterion. */
const marginsOf = ({ criteria, ...all }: Acceptance, id: string): Margins => ({ ...all, ...criteria?.[id] });

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

  test('every rejection that can come without a deadline does come, and rewrites are rolled back', () => {
    const steps = runs.flatMap(({ result }) => result.steps);
    expect(new Set(steps.flatMap(({ rejection }) => rejection ?? []))).toEqual(
      new Set([
        'no-rewrite',
        'unchanged',
        'no-improvement',
        'regression',
        'aligner-failed',
        'inspector-failed',
        'not-best',
      ]),
    );
    expect(steps.filter(({ rolledBack }) => rolledBack).length).toBeGreaterThan(5);
  });

  test('the text is the original or the last accepted rewrite that was not rolled back', () => {
    for (const { result, seed } of runs) {
      const last = result.steps.findLast((step) => step.accepted && !step.rolledBack);
      expect(result.response, `seed ${seed}`).toBe(last ? textOf(last) : result.original);
      expect(result.changed).toBe(result.response !== result.original);
    }
  });

  test('no text that was had before the end stands better than the one given', () => {
    for (const { result, options, seed } of runs) {
      const failOpen = new Set(options.failOpen);
      const [before, after] = [result.originalInspections, result.inspections].map((verdicts) => standingOf(verdicts, failOpen));
      expect(after?.excess, `seed ${seed}`).toBeLessThanOrEqual((before?.excess ?? 0) + 1e-9);
      if (before?.passes) expect(result.outcome).toBe('clean');
    }
  });

  test('a criterion that passed at first still passes, or failed where it may', () => {
    for (const { result, options, seed } of runs) {
      for (const [criterion, verdict] of Object.entries(result.originalInspections)) {
        if (verdict.status !== 'pass') continue;
        const now = result.inspections[criterion];
        const lost = now?.reason === 'failed' && options.failOpen.includes(criterion);
        expect(lost ? 'pass' : now?.status, `seed ${seed}`).toBe('pass');
      }
    }
  });

  test('the changes, put into the original, give the response', () => {
    for (const { result } of runs) {
      const { original, response, changes } = result;
      const rebuilt = changes.reduceRight(
        (text, { original: from, response: to }) =>
          text.slice(0, from.start) + response.slice(to.start, to.end) + text.slice(from.end),
        original,
      );
      expect(rebuilt).toBe(response);
    }
  });

  test('clean and aligned mean that something passed and nothing is flagged or failed', () => {
    for (const { result, options, seed } of runs) {
      if (result.outcome !== 'clean' && result.outcome !== 'aligned') continue;
      const verdicts = Object.entries(result.inspections);
      const good = verdicts.filter(
        ([id, verdict]) => verdict.status === 'pass' || (verdict.reason === 'failed' && options.failOpen.includes(id)),
      );
      expect(good.length, `seed ${seed}`).toBeGreaterThan(0);
      expect(
        verdicts.every((entry) => good.includes(entry) || entry[1].reason === 'no-context'),
        `seed ${seed}`,
      ).toBe(true);
      expect(result.changed).toBe(result.outcome === 'aligned');
    }
  });

  test('unfixed and error mean that something is flagged, failed, or that nothing was judged', () => {
    for (const { result, options, seed } of runs) {
      if (result.outcome !== 'unfixed' && result.outcome !== 'error') continue;
      const verdicts = Object.entries(result.inspections);
      const open = verdicts.some(
        ([id, verdict]) => verdict.status === 'flag' || (verdict.reason === 'failed' && !options.failOpen.includes(id)),
      );
      expect(open || verdicts.every(([, verdict]) => verdict.status === 'unknown'), `seed ${seed}`).toBe(true);
      expect(result.error !== undefined).toBe(result.outcome === 'error');
    }
  });

  test('each accepted step improved its target and harmed no other beyond the tolerance', () => {
    for (const { result, options, seed } of runs) {
      for (const { criterion, before, after = {}, accepted } of result.steps) {
        if (!accepted) continue;
        const change = (id: string): number => (after[id] ?? 1) - (before[id] ?? 1);
        const margins = (id: string): Margins => marginsOf(options.acceptance, id);
        expect(change(criterion), `seed ${seed}`).toBeLessThanOrEqual(1e-9 - (margins(criterion).minImprovement ?? 0));
        // what fails open may go from a score to unknown, which reads 1
        const others = Object.keys(before).filter((id) => id !== criterion && !options.failOpen.includes(id));
        for (const id of others) expect(change(id)).toBeLessThanOrEqual(1e-9 + (margins(id).maxRegression ?? 0));
      }
    }
  });

  test('there are no more steps than attempts, of all aligners and of each', () => {
    for (const { result, options, aligners } of runs) {
      expect(result.steps.length).toBeLessThanOrEqual(options.maxAttempts);
      for (const { requests } of aligners) expect(requests.length).toBeLessThanOrEqual(options.attemptsPerAligner);
    }
  });

  test('an aligner is asked once those before it have nothing left for this text and criterion', () => {
    let escalations = 0;
    for (const { result, options, aligners, seed } of runs) {
      if (options.candidates > 1) continue;
      let open: Step[] = [];
      for (const [index, step] of result.steps.entries()) {
        const place = aligners.findIndex(({ version }) => version === step.aligner);
        for (const earlier of aligners.slice(0, place).filter(({ criteria }) => criteria.includes(step.criterion))) {
          const tries = open.filter(({ aligner, criterion }) => aligner === earlier.version && criterion === step.criterion);
          const all = result.steps.slice(0, index).filter(({ aligner }) => aligner === earlier.version);
          const ended = tries.some(({ rejection }) => rejection === 'no-rewrite' || rejection === 'aligner-failed');
          const isUsedUp = tries.length === earlier.abilities.maxCandidates || all.length === options.attemptsPerAligner;
          escalations += 1;
          // a text that comes back is not asked about again, so its tries lie further back
          const seenBefore = result.steps.slice(0, index).some(({ accepted }) => accepted);
          expect(ended || isUsedUp || seenBefore, `seed ${seed}`).toBe(true);
        }
        open = step.accepted ? [] : [...open, step];
      }
    }
    expect(escalations).toBeGreaterThan(100);
  });

  test('nothing is asked twice, of inspectors or of aligners', () => {
    for (const { inspectors, aligners, breaks, seed } of runs) {
      for (const { calls } of inspectors) {
        // the texts of a batch that broke are asked again one by one
        const texts = calls.filter((call) => call.length === 1 || !breaks(call[0])).flat();
        expect(new Set(texts).size, `seed ${seed}`).toBe(texts.length);
      }
      for (const { requests } of aligners) {
        const keys = requests.map(
          ({ exchange, criterion, candidate }) => `${exchange.response} ${criterion} ${candidate}`,
        );
        expect(new Set(keys).size, `seed ${seed}`).toBe(keys.length);
      }
    }
  });
});
