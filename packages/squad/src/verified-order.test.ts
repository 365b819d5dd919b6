import { afterEach, describe, expect, test, vi } from 'vitest';
import { createSquad } from './create-squad.js';
import type { AlignResult } from './result.js';
import { fakeAligner, fakeInspector, judgeByText, never, type FakeAligner, type FakeInspector } from './test-support.js';

afterEach(() => vi.useRealTimers());

/** An aligner that gives these rewrites, in this order. */
const offering = (criteria: readonly string[], rewrites: readonly string[], version = 'offering'): FakeAligner =>
  fakeAligner(criteria, ({ candidate }) => rewrites[candidate ?? 0], { maxCandidates: rewrites.length, version });
const inspectorOf = (...criteria: string[]): FakeInspector => fakeInspector({ criteria, judge: judgeByText });
const told = ({ steps }: AlignResult): string[] =>
  steps.map(({ aligner, candidate, rejection }) => `${aligner} ${candidate} ${rejection ?? 'accepted'}`);

describe('candidates', () => {
  test('are scored in one batch, and the best acceptable one is taken', async () => {
    const inspector = inspectorOf('a', 'b');
    const aligner = offering(['a'], ['a3 b1', 'a9 b0', 'a1 b1', 'a0 b9']);
    const squad = createSquad({ inspectors: [inspector], aligners: [aligner] });
    const result = await squad.align('a9 b1', { candidates: 4 });
    expect(inspector.calls).toEqual([['a9 b1'], ['a3 b1', 'a9 b0', 'a1 b1', 'a0 b9']]);
    expect(told(result)).toEqual([
      'offering 0 not-best',
      'offering 1 no-improvement',
      'offering 2 accepted',
      'offering 3 regression',
    ]);
    expect(result).toMatchObject({ outcome: 'aligned', response: 'a1 b1', timing: { inspectorCalls: 2 } });
  });

  test('that tie go by their order, and the same text is scored once', async () => {
    const inspector = inspectorOf('a');
    const squad = createSquad({ inspectors: [inspector], aligners: [offering(['a'], ['a1', 'a1', 'a1 too'])] });
    const result = await squad.align('a9', { candidates: 3 });
    expect(told(result)).toEqual(['offering 0 accepted', 'offering 1 not-best', 'offering 2 not-best']);
    expect(inspector.calls).toEqual([['a9'], ['a1', 'a1 too']]);
  });

  test('come from the next aligner where the first has no more', async () => {
    const small = offering(['a'], ['a3'], 'small');
    const none = fakeAligner(['a'], () => undefined, { version: 'none' });
    const large = offering(['a'], ['a1', 'a0', 'a0 unasked'], 'large');
    const squad = createSquad({ inspectors: [inspectorOf('a')], aligners: [small, none, large], candidates: 3 });
    const result = await squad.align('a9');
    expect(told(result)).toEqual(['small 0 not-best', 'none 0 no-rewrite', 'large 0 not-best', 'large 1 accepted']);
    expect(result.response).toBe('a0');
  });

  test('of one round are all for one criterion', async () => {
    const aligner = fakeAligner(['a', 'b'], ({ exchange, criterion }) =>
      exchange.response.replace(new RegExp(`${criterion}\\d`), `${criterion}0`),
    );
    const inspector = inspectorOf('a', 'b');
    await createSquad({ inspectors: [inspector], aligners: [aligner], candidates: 2 }).align('a9 b8');
    expect(inspector.calls).toEqual([['a9 b8'], ['a0 b8'], ['a0 b0']]);
  });

  test('of which none is acceptable are followed by another round', async () => {
    const squad = createSquad({
      inspectors: [inspectorOf('a')],
      aligners: [offering(['a'], ['a9 0', 'a9 1', 'a9 2', 'a2'])],
      candidates: 2,
    });
    expect(told(await squad.align('a9'))).toEqual([
      'offering 0 no-improvement',
      'offering 1 no-improvement',
      'offering 2 no-improvement',
      'offering 3 accepted',
    ]);
  });

  test('each count as an attempt', async () => {
    const aligner = fakeAligner(['a'], ({ candidate }) => `a9 ${candidate}`, { maxCandidates: Infinity });
    const squad = createSquad({ inspectors: [inspectorOf('a')], aligners: [aligner] });
    const result = await squad.align('a9', { candidates: 3, maxAttempts: 5 });
    expect(result.steps.map(({ candidate }) => candidate)).toEqual([0, 1, 2, 3, 4]);
  });

  test('are asked for at the same time', async () => {
    let waiting = 0;
    let release: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (release = resolve));
    const rewrite = async ({ candidate }: { candidate?: number | undefined }): Promise<string> => {
      if ((waiting += 1) === 3) release();
      await all;
      return `a${3 - (candidate ?? 0)}`;
    };
    const aligner = fakeAligner(['a'], rewrite, { maxCandidates: 3 });
    const result = await createSquad({ inspectors: [inspectorOf('a')], aligners: [aligner], candidates: 3 }).align('a9');
    expect(result.response).toBe('a1');
  });
});

describe('escalation', () => {
  test('asks a later aligner of a text only when the earlier ones had no accepted rewrite of it', async () => {
    const small = fakeAligner(['a'], ({ exchange }) => ({ a9: 'a9 same', a7: 'a5' })[exchange.response], { version: 'small' });
    const large = fakeAligner(['a'], ({ exchange }) => ({ a9: 'a7', a5: 'a1' })[exchange.response], { version: 'large' });
    const result = await createSquad({ inspectors: [inspectorOf('a')], aligners: [small, large] }).align('a9');
    expect(told(result)).toEqual([
      'small 0 no-improvement',
      'large 0 accepted',
      'small 0 accepted',
      'small 0 no-rewrite',
      'large 0 accepted',
    ]);
    expect(result.response).toBe('a1');
  });

  test('leaves an aligner out that has had its attempts', async () => {
    const small = fakeAligner(['a', 'b'], ({ exchange }) => exchange.response, { maxCandidates: 5, version: 'small' });
    const large = fakeAligner(['a', 'b'], ({ exchange, criterion }) => exchange.response.replace(`${criterion}9`, `${criterion}0`), { version: 'large' });
    const squad = createSquad({ inspectors: [inspectorOf('a', 'b')], aligners: [small, large], attemptsPerAligner: 2 });
    const result = await squad.align('a9 b9');
    expect(told(result)).toEqual(['small 0 unchanged', 'small 1 unchanged', 'large 0 accepted', 'large 0 accepted']);
    expect(result.outcome).toBe('aligned');
  });

  test('goes on after a stuck aligner, which is told to stop', async () => {
    vi.useFakeTimers();
    let stopped: AbortSignal | undefined;
    const stuck = fakeAligner(['a'], (_request, signal) => {
      stopped = signal;
      return never();
    }, { maxCandidates: 3, version: 'stuck' });
    const squad = createSquad({ inspectors: [inspectorOf('a')], aligners: [stuck, offering(['a'], ['a0'])] });
    const call = squad.align('a9', { alignerTimeoutMs: 30, deadlineMs: 1_000 });
    await vi.advanceTimersByTimeAsync(30);
    const result = await call;
    expect(told(result)).toEqual(['stuck 0 timeout', 'offering 0 accepted']);
    expect(result).toMatchObject({ outcome: 'aligned', response: 'a0' });
    expect(stopped?.reason).toMatchObject({ code: 'deadline-exceeded' });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that ends with a stuck aligner is an error, not a passed deadline', async () => {
    vi.useFakeTimers();
    const squad = createSquad({ inspectors: [inspectorOf('a')], aligners: [fakeAligner(['a'], () => never())] });
    const call = squad.align('a9', { alignerTimeoutMs: 30 });
    await vi.advanceTimersByTimeAsync(30);
    expect(await call).toMatchObject({
      outcome: 'error',
      response: 'a9',
      error: { code: 'deadline-exceeded', message: "The aligner's time limit of 30 ms has passed." },
    });
  });
});

describe('rolling back', () => {
  const strict = { thresholds: { a: 0.1, b: 0.1 }, acceptance: { minImprovement: 0.05, maxRegression: 0.3 } };

  test('gives the best text that there was, when accepted steps drifted away from it', async () => {
    const path: Record<string, string> = { 'a6 b4': 'a3 b5', 'a3 b5': 'a6 b3', 'a6 b3': 'a4 b6' };
    const aligner = fakeAligner(['a', 'b'], ({ exchange }) => path[exchange.response]);
    const result = await createSquad({ inspectors: [inspectorOf('a', 'b')], aligners: [aligner] }).align('a6 b4', strict);
    expect(result.steps.filter(({ accepted }) => accepted).map(({ rolledBack }) => rolledBack ?? false)).toEqual([false, true, true]);
    expect(result).toMatchObject({ outcome: 'unfixed', response: 'a3 b5', inspections: { b: { misalignment: 0.5 } } });
  });

  test('goes as far as the original, which is then unchanged', async () => {
    const path: Record<string, string> = { 'a6 b2': 'a5 b5' };
    const aligner = fakeAligner(['a', 'b'], ({ exchange }) => path[exchange.response]);
    const result = await createSquad({ inspectors: [inspectorOf('a', 'b')], aligners: [aligner] }).align('a6 b2', strict);
    expect(result.steps[0]).toMatchObject({ accepted: true, rolledBack: true });
    expect(result).toMatchObject({ outcome: 'unfixed', response: 'a6 b2', changed: false, changes: [] });
    expect(result.inspections).toEqual(result.originalInspections);
  });

  test('is not needed where the last text passes', async () => {
    const path: Record<string, string> = { 'a6 b2': 'a0 b4', 'a0 b4': 'a0 b0' };
    const aligner = fakeAligner(['a', 'b'], ({ exchange }) => path[exchange.response]);
    const result = await createSquad({ inspectors: [inspectorOf('a', 'b')], aligners: [aligner] }).align('a6 b2', strict);
    expect(result).toMatchObject({ outcome: 'aligned', response: 'a0 b0' });
    expect(result.steps.some(({ rolledBack }) => rolledBack)).toBe(false);
  });
});

describe('a criterion that fails open', () => {
  const broken = fakeInspector({ criteria: ['b'], judge: () => 0, before: () => Promise.reject(new TypeError('x')) });
  const squad = createSquad({ inspectors: [inspectorOf('a'), broken], aligners: [offering(['a'], ['a0'])] });

  test('does not keep a text from passing, and its failure is seen', async () => {
    const result = await squad.align('a1', { failOpen: ['b'] });
    expect(result).toMatchObject({ outcome: 'clean', inspections: { b: { status: 'unknown', reason: 'failed' } } });
  });

  test('leaves rewrites to be verified on the others', async () => {
    const result = await squad.align('a9', { failOpen: ['b'] });
    expect(result).toMatchObject({ outcome: 'aligned', response: 'a0', inspections: { b: { reason: 'failed' } } });
  });

  test('says nothing of the others, which fail closed', async () => {
    expect(await squad.align('a1', { failOpen: ['a'] })).toMatchObject({ outcome: 'error', response: 'a1' });
  });

  test('may be late, too', async () => {
    vi.useFakeTimers();
    const late = fakeInspector({ criteria: ['b'], judge: () => 0, before: () => never() });
    const call = createSquad({ inspectors: [inspectorOf('a'), late], aligners: [] }).align('a1', {
      failOpen: ['b'],
      deadlineMs: 20,
    });
    await vi.advanceTimersByTimeAsync(20);
    expect((await call).outcome).toBe('clean');
  });
});

test('margins of a criterion decide over its rewrites', async () => {
  const make = (): ReturnType<typeof createSquad> =>
    createSquad({ inspectors: [inspectorOf('a', 'b')], aligners: [offering(['a'], ['a3 b4'])] });
  expect(await make().align('a9 b2')).toMatchObject({ steps: [{ rejection: 'regression' }] });
  const acceptance = { criteria: { b: { maxRegression: 0.2 } } };
  expect(await make().align('a9 b2', { acceptance })).toMatchObject({ outcome: 'aligned', response: 'a3 b4' });
});
