import type { AlignSquadError } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { resolveAlignManyOptions, resolveAlignOptions, resolveInspectOptions, resolveSquadOptions } from './resolve-options.js';
import { fakeAligner, fakeInspector } from './test-support.js';

const inspector = fakeInspector({ criteria: ['a', 'b'], judge: () => 0.1 });
const aligner = fakeAligner(['a'], () => 'x');
const minimal = { inspectors: [inspector], aligners: [aligner] };
const squad = resolveSquadOptions(minimal);

function errorOf(work: () => unknown): AlignSquadError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    // a cast, because what was caught is what the test is about
    return error as AlignSquadError;
  }
}

test('defaults are filled in, and all served criteria are meant', () => {
  expect(squad.defaults).toEqual({
    criteria: ['a', 'b'],
    thresholds: new Map(),
    acceptance: { minImprovement: 0.05, maxRegression: 0.15, criteria: new Map() },
    order: 'verified',
    candidates: 1,
    maxAttempts: 8,
    attemptsPerAligner: Infinity,
    alignerTimeoutMs: undefined,
    deadlineMs: undefined,
    failOpen: new Set(),
    advisory: new Set(),
    onUnfixed: 'keep',
    onError: undefined,
    concurrency: 4,
    signal: undefined,
  });
});

test('backends stay the very objects that they are', () => {
  expect(squad.inspectors[0]).toBe(inspector);
  expect(squad.aligners[0]).toBe(aligner);
});

test('options of a call are laid over those of the squad, key by key', () => {
  const base = resolveSquadOptions({
    ...minimal,
    thresholds: { a: 0.3, b: 0.4 },
    acceptance: { minImprovement: 0.2 },
    maxAttempts: 3,
  });
  expect(
    resolveAlignOptions({ thresholds: { b: 0.6 }, acceptance: { maxRegression: 0 }, criteria: ['b', 'b'] }, base),
  ).toMatchObject({
    criteria: ['b'],
    thresholds: new Map([
      ['a', 0.3],
      ['b', 0.6],
    ]),
    acceptance: { minImprovement: 0.2, maxRegression: 0 },
    maxAttempts: 3,
  });
});

test('margins of a criterion are laid over each other key by key', () => {
  const base = resolveSquadOptions({
    ...minimal,
    acceptance: { criteria: { a: { minImprovement: 0.3, maxRegression: 0.01 }, b: { maxRegression: 0.2 } } },
  });
  const call = { acceptance: { minImprovement: 0.1, criteria: { a: { maxRegression: 0.4 } } } };
  expect(resolveAlignOptions(call, base).acceptance).toEqual({
    minImprovement: 0.1,
    maxRegression: 0.15,
    criteria: new Map([
      ['a', { minImprovement: 0.3, maxRegression: 0.4 }],
      ['b', { maxRegression: 0.2 }],
    ]),
  });
  expect(resolveAlignOptions({}, base).acceptance).toEqual(base.defaults.acceptance);
});

test('what a call says replaces whole lists and policies', () => {
  const base = resolveSquadOptions({ ...minimal, failOpen: ['a'], onError: { block: 'x' }, candidates: 2 });
  expect(resolveAlignOptions({ failOpen: ['b'], onUnfixed: 'throw' }, base)).toMatchObject({
    failOpen: new Set(['b']),
    onUnfixed: 'throw',
    onError: { block: 'x' },
    candidates: 2,
  });
  expect(resolveAlignOptions({ failOpen: [] }, base).failOpen).toEqual(new Set());
});

test('only alignMany has a concurrency', () => {
  expect(resolveAlignManyOptions({ concurrency: 9, maxAttempts: 2 }, squad)).toMatchObject({ concurrency: 9, maxAttempts: 2 });
  expect(errorOf(() => resolveAlignOptions({ concurrency: 9 }, squad))?.code).toBe('invalid-options');
  expect(errorOf(() => resolveAlignManyOptions({ concurrency: 0 }, squad))?.code).toBe('invalid-options');
});

describe('squad options are rejected', () => {
  const cases: [string, unknown][] = [
    ['undefined', undefined],
    ['no inspectors', { inspectors: [], aligners: [] }],
    ['inspectors that serve nothing', { inspectors: [{ ...inspector, criteria: [] }], aligners: [] }],
    ['an inspector of another contract', { inspectors: [{ ...inspector, contract: 'inspector/2' }], aligners: [] }],
    [
      'an inspector that takes no exchange',
      { inspectors: [{ ...inspector, abilities: { maxBatchSize: 0 } }], aligners: [] },
    ],
    [
      'an aligner without candidates',
      { ...minimal, aligners: [{ ...aligner, abilities: { maxCandidates: Number.NaN } }] },
    ],
    ['a string as an aligner', { ...minimal, aligners: ['a'] }],
    ['an unknown key', { ...minimal, retries: 3 }],
    ['a clock that is no function', { ...minimal, now: 5 }],
    ['a signal, which belongs to a call', { ...minimal, signal: new AbortController().signal }],
  ];
  test.each(cases)('%s', (_name, options) => {
    expect(errorOf(() => resolveSquadOptions(options))?.code).toBe('invalid-options');
  });
});

describe('align options are rejected', () => {
  const cases: [string, unknown][] = [
    ['an unknown key', { criterion: ['a'] }],
    ['no criteria', { criteria: [] }],
    ['a threshold above 1', { thresholds: { a: 1.5 } }],
    ['an unknown order', { order: 'random' }],
    ['half an attempt', { maxAttempts: 0.5 }],
    ['a deadline of 0', { deadlineMs: 0 }],
    ['a deadline longer than timers can wait', { deadlineMs: 2 ** 31 }],
    ['an unknown policy', { onUnfixed: 'ignore' }],
    ['an unknown policy for errors', { onError: 'ignore' }],
    ['a policy of two kinds', { onUnfixed: { block: 'x', timeoutMs: 5 } }],
    ['a fallback that is no text', { onUnfixed: { fallback: 5 } }],
    ['no candidates', { candidates: 0 }],
    ['half a candidate', { candidates: 1.5 }],
    ['no attempts of an aligner', { attemptsPerAligner: 0 }],
    ['a time limit of 0 for aligners', { alignerTimeoutMs: 0 }],
    ['margins outside [0, 1]', { acceptance: { criteria: { a: { maxRegression: 2 } } } }],
    ['unknown keys of margins', { acceptance: { criteria: { a: { criteria: {} } } } }],
    ['criteria that fail open as one string', { failOpen: 'a' }],
    ['an unknown key of the acceptance', { acceptance: { least: 1 } }],
    ['a signal that is none', { signal: { aborted: false } }],
    ['a string', 'ethical'],
  ];
  test.each(cases)('%s', (_name, options) => {
    expect(errorOf(() => resolveAlignOptions(options, squad))?.code).toBe('invalid-options');
  });
});

test('options that only aligning has are rejected by inspect', () => {
  expect(errorOf(() => resolveInspectOptions({ maxAttempts: 3 }, squad))?.code).toBe('invalid-options');
  expect(resolveInspectOptions({ criteria: ['b'], deadlineMs: 5 }, squad)).toMatchObject({
    criteria: ['b'],
    deadlineMs: 5,
  });
});

test('an unknown criterion is named beside the known ones', () => {
  const error = errorOf(() => resolveAlignOptions({ criteria: ['a', 'humour'] }, squad));
  expect(error?.code).toBe('unknown-criterion');
  expect(error?.message).toBe("Expected criteria that the squad's inspectors serve (a, b), got `humour`.");
});

test.each<[string, unknown]>([
  ['a threshold', { thresholds: { constructor: 0.5 } }],
  ['margins', { acceptance: { criteria: { constructor: {} } } }],
  ['a criterion that fails open', { failOpen: ['constructor'] }],
])('%s for an unknown criterion is an unknown criterion', (_name, options) => {
  expect(errorOf(() => resolveAlignOptions(options, squad))?.code).toBe('unknown-criterion');
});

test('what does not look like an id is not echoed', () => {
  for (const id of ['My secret answer.', 'x'.repeat(65)]) {
    const error = errorOf(() => resolveAlignOptions({ criteria: [id] }, squad));
    expect(error?.code).toBe('unknown-criterion');
    expect(error?.message).not.toContain(id);
    expect(error?.message).toContain(`${id.length} characters`);
  }
});
