import { afterEach, describe, expect, test, vi } from 'vitest';
import { createSquad } from './create-squad.js';
import { defaultBlockMessage } from './fallback.js';
import type { FallbackFunction, UnfixedPolicy } from './options.js';
import { fakeAligner, fakeInspector, judgeByText, never } from './test-support.js';

afterEach(() => vi.useRealTimers());

const sound = fakeInspector({ criteria: ['a'], judge: judgeByText });
const hopeless = fakeAligner(['a'], () => undefined);
const broken = fakeAligner(['a'], () => Promise.reject(new TypeError('x')));
/** Stuck on `a8`, sound on all else. */
const sticky = fakeInspector({
  criteria: ['a'],
  judge: judgeByText,
  before: ([exchange]) => (exchange?.response === 'a8' ? never() : undefined),
});

test('a fallback that passes is given, after one inspection of it', async () => {
  const inspector = fakeInspector({ criteria: ['a'], judge: judgeByText });
  const squad = createSquad({ inspectors: [inspector], aligners: [hopeless], onUnfixed: { fallback: 'Sorry.' } });
  const result = await squad.align('a9');
  expect(result).toMatchObject({ outcome: 'blocked', replacedBy: 'fallback', response: 'Sorry.', original: 'a9', changed: true });
  expect(result.error).toBeUndefined();
  expect(result.inspections['a']).toMatchObject({ status: 'flag' });
  expect(inspector.calls).toEqual([['a9'], ['Sorry.']]);
  expect(result.timing.inspectorCalls).toBe(2);
});

test('a fallback function is told of the exchange, its outcome and its verdicts', async () => {
  const fallback = vi.fn<FallbackFunction>(async ({ prompt }) => `No ${String(prompt)}.`);
  const squad = createSquad({ inspectors: [sound], aligners: [hopeless] });
  const result = await squad.align({ prompt: 'p', response: 'a9' }, { onUnfixed: { fallback } });
  expect(result.response).toBe('No p.');
  expect(fallback).toHaveBeenCalledExactlyOnceWith(
    { prompt: 'p', response: 'a9' },
    { outcome: 'unfixed', inspections: { a: { status: 'flag', misalignment: 0.9, threshold: 0.5 } } },
    { signal: expect.any(AbortSignal) },
  );
});

describe('the message is given instead of a fallback that', () => {
  // a cast, because the types forbid what is tested
  const nothing = (() => undefined) as unknown as FallbackFunction;
  test.each<[string, string | FallbackFunction, string, string]>([
    ['does not pass', 'a7', 'blocked', 'The fallback did not pass inspection.'],
    ['is the text that was flagged', ({ response }) => response, 'blocked', 'The fallback did not pass inspection.'],
    ['throws', () => { throw new TypeError('secret'); }, 'source-failed', 'The `fallback` function failed.'],
    ['rejects', () => Promise.reject(new TypeError('secret')), 'source-failed', 'The `fallback` function failed.'],
    ['gives no string', nothing, 'source-failed', 'Expected the `fallback` function to give a string.'],
  ])('%s', async (_name, fallback, code, message) => {
    const squad = createSquad({ inspectors: [sound], aligners: [hopeless] });
    const result = await squad.align('a9', { onUnfixed: { fallback, block: 'Withheld.' } });
    expect(result).toMatchObject({ outcome: 'blocked', replacedBy: 'message', response: 'Withheld.', error: { code, message } });
    expect((await squad.align('a9', { onUnfixed: { fallback } })).response).toBe(defaultBlockMessage);
  });

  test('is late', async () => {
    vi.useFakeTimers();
    let stopped: AbortSignal | undefined;
    const fallback: FallbackFunction = (_exchange, _info, { signal }) => {
      stopped = signal;
      return never();
    };
    const squad = createSquad({ inspectors: [sound], aligners: [hopeless] });
    const call = squad.align('a9', { onUnfixed: { fallback, timeoutMs: 25 } });
    await vi.advanceTimersByTimeAsync(25);
    expect(await call).toMatchObject({
      replacedBy: 'message',
      error: { code: 'deadline-exceeded', message: "The fallback's time limit of 25 ms has passed." },
    });
    expect(stopped?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('can not be inspected', async () => {
    vi.useFakeTimers();
    const squad = createSquad({ inspectors: [sticky], aligners: [hopeless], deadlineMs: 100 });
    const call = squad.align('a9', { onUnfixed: { fallback: 'a8' } });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await call).toMatchObject({ outcome: 'blocked', replacedBy: 'message', response: defaultBlockMessage });
  });
});

test('after a passed deadline there is still time for a fallback, under the outcome timeout', async () => {
  vi.useFakeTimers();
  const squad = createSquad({ inspectors: [sticky], aligners: [], deadlineMs: 30, onUnfixed: { fallback: 'Sorry.' } });
  const call = squad.align('a8');
  await vi.advanceTimersByTimeAsync(30);
  expect(await call).toMatchObject({
    outcome: 'timeout',
    replacedBy: 'fallback',
    response: 'Sorry.',
    error: { code: 'deadline-exceeded' },
  });
});

test('the abort of the caller ends a fallback with its reason', async () => {
  const controller = new AbortController();
  const squad = createSquad({ inspectors: [sound], aligners: [hopeless], onUnfixed: { fallback: () => never() } });
  const call = squad.align('a9', { signal: controller.signal });
  setImmediate(() => controller.abort('closed'));
  await expect(call).rejects.toBe('closed');
});

describe('onError', () => {
  const unfixed = createSquad({ inspectors: [sound], aligners: [hopeless] });
  const failed = createSquad({ inspectors: [sound], aligners: [broken] });

  test('decides over errors and passed deadlines, onUnfixed over the rest', async () => {
    const policies = { onUnfixed: { block: 'unfixed' }, onError: { block: 'failed' } } as const;
    expect(await unfixed.align('a9', policies)).toMatchObject({ outcome: 'blocked', response: 'unfixed', replacedBy: 'message' });
    expect(await failed.align('a9', policies)).toMatchObject({ outcome: 'error', response: 'failed', replacedBy: 'message' });
    const late = createSquad({ inspectors: [sticky], aligners: [] });
    expect(await late.align('a8', { ...policies, deadlineMs: 1 })).toMatchObject({ outcome: 'timeout', response: 'failed' });
  });

  test('is what onUnfixed says when it is left out', async () => {
    expect(await failed.align('a9', { onUnfixed: { block: 'withheld' } })).toMatchObject({ outcome: 'error', response: 'withheld' });
  });

  test('may keep where onUnfixed throws, and the other way round', async () => {
    const keepErrors = { onUnfixed: 'throw', onError: 'keep' } as const;
    await expect(unfixed.align('a9', keepErrors)).rejects.toMatchObject({ code: 'blocked' });
    expect(await failed.align('a9', keepErrors)).toMatchObject({ outcome: 'error', response: 'a9' });
    const throwErrors = { onUnfixed: 'keep', onError: 'throw' } as const;
    expect(await unfixed.align('a9', throwErrors)).toMatchObject({ outcome: 'unfixed', response: 'a9' });
    await expect(failed.align('a9', throwErrors)).rejects.toMatchObject({ code: 'blocked', cause: { code: 'aligner-failed' } });
  });

  test('keeps the first failure when its fallback fails as well', async () => {
    const result = await failed.align('a9', { onError: { fallback: 'a9' } });
    expect(result).toMatchObject({ outcome: 'error', replacedBy: 'message', error: { code: 'aligner-failed' } });
  });
});

test.each<UnfixedPolicy>(['keep', 'throw', { block: 'x' }, { fallback: 'x' }])('%j leaves a text alone that passes', async (policy) => {
  const result = await createSquad({ inspectors: [sound], aligners: [] }).align('a1', { onUnfixed: policy, onError: policy });
  expect(result).toMatchObject({ outcome: 'clean', response: 'a1', changed: false });
  expect(result.replacedBy).toBeUndefined();
});
