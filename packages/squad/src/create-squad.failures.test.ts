import { AlignSquadError } from '@align-squad/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createSquad } from './create-squad.js';
import { collect, fakeAligner, fakeInspector, judgeByText, never } from './test-support.js';

afterEach(() => vi.useRealTimers());

const sound = fakeInspector({ criteria: ['a'], judge: judgeByText });
const fixing = fakeAligner(['a'], () => 'a0');
const hopeless = fakeAligner(['a'], () => undefined);
const failing = (...criteria: string[]): ReturnType<typeof fakeInspector> =>
  fakeInspector({ criteria, judge: () => 0, before: () => Promise.reject(new TypeError('user text')) });
const lifeless = fakeInspector({ criteria: ['a'], judge: () => 0, before: () => never() });

test('an inspector that fails is never a pass', async () => {
  const result = await createSquad({ inspectors: [failing('a')], aligners: [fixing] }).align('a1');
  expect(result).toMatchObject({ outcome: 'error', response: 'a1', changed: false, steps: [] });
  expect(result.inspections).toEqual({ a: { status: 'unknown', misalignment: 1, threshold: 0.5, reason: 'failed' } });
  expect(result.error).toEqual({ code: 'inspector-failed', message: 'An inspector failed.' });
});

test('one inspector of two that fails makes the outcome an error, and nothing is rewritten unverified', async () => {
  const squad = createSquad({ inspectors: [sound, failing('b')], aligners: [fixing] });
  expect(await squad.align('a1')).toMatchObject({ outcome: 'error', inspections: { a: { status: 'pass' } } });
  expect(await squad.align('a9')).toMatchObject({ outcome: 'error', response: 'a9', steps: [] });
});

test('a rewrite that cannot be scored is not taken', async () => {
  const flaky = fakeInspector({
    criteria: ['a'],
    judge: judgeByText,
    before: ([exchange]) => (exchange?.response === 'a0' ? Promise.reject(new TypeError('x')) : undefined),
  });
  const two = fakeAligner(['a'], ({ candidate }) => ['a0', 'a1'][candidate ?? 0], { maxCandidates: 2 });
  const lost = await createSquad({ inspectors: [flaky], aligners: [fixing] }).align('a9');
  expect(lost).toMatchObject({ outcome: 'error', response: 'a9', error: { code: 'inspector-failed' } });
  expect(lost.steps[0]).toMatchObject({ accepted: false, rejection: 'inspector-failed' });
  expect(await createSquad({ inspectors: [flaky], aligners: [two] }).align('a9')).toMatchObject({
    outcome: 'aligned',
    response: 'a1',
  });
});

test('an aligner that fails is a step, and the next aligner goes on', async () => {
  const broken = fakeAligner(['a'], () => Promise.reject(new TypeError('user text')), {
    maxCandidates: 3,
    version: 'broken',
  });
  const rescued = await createSquad({ inspectors: [sound], aligners: [broken, fixing] }).align('a9');
  expect(rescued.steps.map((step) => step.rejection)).toEqual(['aligner-failed', undefined]);
  expect(rescued.outcome).toBe('aligned');
  expect(rescued.error).toBeUndefined();
  const lost = await createSquad({ inspectors: [sound], aligners: [broken] }).align('a9');
  expect(lost).toMatchObject({
    outcome: 'error',
    error: { code: 'aligner-failed', message: 'An aligner failed on `a`.' },
  });
});

test('an aligner that fails in the middle of its text gives nothing', async () => {
  const partial = {
    ...fixing,
    async *align(): AsyncGenerator<{ type: 'text'; text: string }> {
      yield { type: 'text', text: 'a0' };
      throw new AlignSquadError('The connection broke.', { code: 'generator-failed' });
    },
  };
  const result = await createSquad({ inspectors: [sound], aligners: [partial] }).align('a9');
  expect(result).toMatchObject({
    outcome: 'error',
    response: 'a9',
    error: { code: 'generator-failed', message: 'The connection broke.' },
  });
});

test('one failure of many does not lose the others', async () => {
  const picky = fakeInspector({
    criteria: ['a'],
    judge: judgeByText,
    before: (exchanges) =>
      exchanges.some(({ response }) => response === 'bad') ? Promise.reject(new TypeError('x')) : undefined,
  });
  const results = await collect(createSquad({ inspectors: [picky], aligners: [fixing] }).alignMany(['a1', 'bad', 'a9']));
  expect(results.map((result) => result.outcome)).toEqual(['clean', 'error', 'aligned']);
});

describe('deadline', () => {
  test('a stuck inspector gives a timeout with the original', async () => {
    vi.useFakeTimers();
    const call = createSquad({ inspectors: [lifeless], aligners: [fixing], deadlineMs: 40 }).align('a1');
    await vi.advanceTimersByTimeAsync(40);
    expect(await call).toMatchObject({ outcome: 'timeout', response: 'a1', error: { code: 'deadline-exceeded' } });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a stuck aligner gives the best text so far, and is told to stop', async () => {
    vi.useFakeTimers();
    let stopped: AbortSignal | undefined;
    const half = fakeAligner(['a'], ({ exchange }, signal) => {
      stopped = signal;
      return exchange.response === 'a9' ? 'a7' : never();
    });
    const call = createSquad({ inspectors: [sound], aligners: [half], deadlineMs: 40 }).align('a9');
    await vi.advanceTimersByTimeAsync(40);
    const result = await call;
    expect(result).toMatchObject({ outcome: 'timeout', response: 'a7', changed: true });
    expect(result.steps.map((step) => step.rejection)).toEqual([undefined, 'timeout']);
    expect(stopped?.aborted).toBe(true);
  });

  test('a rewrite that is not scored in time is not taken', async () => {
    vi.useFakeTimers();
    const slow = fakeInspector({
      criteria: ['a'],
      judge: judgeByText,
      before: ([exchange]) => (exchange?.response === 'a0' ? never() : undefined),
    });
    const call = createSquad({ inspectors: [slow], aligners: [fixing], deadlineMs: 40 }).align('a9');
    await vi.advanceTimersByTimeAsync(40);
    expect(await call).toMatchObject({ outcome: 'timeout', response: 'a9', steps: [{ rejection: 'timeout' }] });
  });

  test('a text that passes is aligned, however late it came', async () => {
    let clock = 0;
    const slow = fakeInspector({ criteria: ['a'], judge: judgeByText, before: () => void (clock += 30) });
    const squad = createSquad({ inspectors: [slow], aligners: [fixing], now: () => clock, deadlineMs: 50 });
    expect(await squad.align('a9')).toMatchObject({ outcome: 'aligned', response: 'a0' });
  });

  test('no rewrite is started after the deadline', async () => {
    let clock = 0;
    const slow = fakeInspector({ criteria: ['a'], judge: judgeByText, before: () => void (clock += 60) });
    const squad = createSquad({ inspectors: [slow], aligners: [fixing], now: () => clock, deadlineMs: 50 });
    expect(await squad.align('a9')).toMatchObject({ outcome: 'timeout', response: 'a9', steps: [] });
  });

  test('of many, each has its own', async () => {
    vi.useFakeTimers();
    const stuck = fakeInspector({
      criteria: ['a'],
      judge: judgeByText,
      maxBatchSize: 1,
      before: ([exchange]) => (exchange?.response === 'stuck' ? never() : undefined),
    });
    const squad = createSquad({ inspectors: [stuck], aligners: [hopeless], deadlineMs: 40 });
    const call = collect(squad.alignMany(['a1', 'stuck', 'a2']));
    await vi.advanceTimersByTimeAsync(40);
    expect((await call).map((result) => result.outcome)).toEqual(['clean', 'timeout', 'clean']);
  });

  test('inspect gives what is there', async () => {
    vi.useFakeTimers();
    const other = fakeInspector({ criteria: ['b'], judge: judgeByText });
    const call = createSquad({ inspectors: [lifeless, other], aligners: [] }).inspect('b9', { deadlineMs: 40 });
    await vi.advanceTimersByTimeAsync(40);
    expect(await call).toMatchObject({ a: { status: 'unknown', reason: 'failed' }, b: { status: 'flag' } });
  });

  test('what an abandoned backend does later is ignored', async () => {
    vi.useFakeTimers();
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const late = fakeInspector({
      criteria: ['a'],
      judge: judgeByText,
      before: () => new Promise((_resolve, reject) => setTimeout(() => reject(new TypeError('late')), 100)),
    });
    const call = createSquad({ inspectors: [late], aligners: [], deadlineMs: 40 }).align('a1');
    await vi.advanceTimersByTimeAsync(40);
    expect((await call).outcome).toBe('timeout');
    await vi.advanceTimersByTimeAsync(100);
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('abort', () => {
  test.each([
    ['an inspector', lifeless, fixing],
    ['an aligner', sound, fakeAligner(['a'], () => never())],
  ])('while %s works, the call rejects with the reason untouched', async (_name, inspector, aligner) => {
    const controller = new AbortController();
    const reason = { why: 'closed' };
    const call = createSquad({ inspectors: [inspector], aligners: [aligner], deadlineMs: 60_000 }).align('a9', {
      signal: controller.signal,
    });
    setImmediate(() => controller.abort(reason));
    await expect(call).rejects.toBe(reason);
  });

  test('an aborted signal starts nothing', async () => {
    const inspector = fakeInspector({ criteria: ['a'], judge: judgeByText });
    const squad = createSquad({ inspectors: [inspector], aligners: [] });
    const options = { signal: AbortSignal.abort('gone') };
    await expect(squad.align('a1', options)).rejects.toBe('gone');
    await expect(squad.alignMany(['a1'], options).next()).rejects.toBe('gone');
    expect(inspector.calls).toEqual([]);
  });
});

describe('onUnfixed', () => {
  const unfixed = { inspectors: [sound], aligners: [hopeless] };
  const error = { inspectors: [failing('a')], aligners: [] };

  test('keep gives the best text so far', async () => {
    const half = fakeAligner(['a'], ({ exchange }) => (exchange.response === 'a9' ? 'a7' : undefined));
    expect(await createSquad({ inspectors: [sound], aligners: [half] }).align('a9')).toMatchObject({
      outcome: 'unfixed',
      response: 'a7',
      changed: true,
    });
  });

  test('block gives the message and keeps the original beside it', async () => {
    const result = await createSquad({ ...unfixed, onUnfixed: { block: 'Sorry.' } }).align('a9');
    expect(result).toMatchObject({ outcome: 'blocked', response: 'Sorry.', original: 'a9', changed: true });
    expect(result.inspections['a']?.status).toBe('flag');
  });

  test('block withholds the text of an error and a timeout too, under their own outcome', async () => {
    const policy = { onUnfixed: { block: 'Sorry.' } };
    expect(await createSquad(error).align('a1', policy)).toMatchObject({ outcome: 'error', response: 'Sorry.' });
    const late = createSquad({ inspectors: [lifeless], aligners: [] });
    expect(await late.align('a1', { ...policy, deadlineMs: 1 })).toMatchObject({
      outcome: 'timeout',
      response: 'Sorry.',
    });
  });

  test('throw rejects with blocked, the flagged criteria and none of the text', async () => {
    const call = createSquad({ ...unfixed, onUnfixed: 'throw' }).align('a9 secret');
    await expect(call).rejects.toMatchObject({
      code: 'blocked',
      message: 'The response could not be shown to pass: unfixed on a.',
    });
  });

  test('throw keeps what failed as the cause', async () => {
    const call = createSquad({ ...error, onUnfixed: 'throw' }).align('a1');
    await expect(call).rejects.toMatchObject({ code: 'blocked', cause: { code: 'inspector-failed' } });
  });

  test.each(['keep', 'throw', { block: 'Sorry.' }] as const)('%j leaves a clean text alone', async (onUnfixed) => {
    expect(await createSquad({ ...unfixed, onUnfixed }).align('a1')).toMatchObject({
      outcome: 'clean',
      response: 'a1',
    });
  });
});
