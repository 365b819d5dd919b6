import { afterEach, expect, test, vi } from 'vitest';
import { withCallScope } from './call-scope.js';
import { never } from './test-support.js';

const now = (): number => performance.now();
afterEach(() => vi.useRealTimers());

function countListeners(signal: AbortSignal): () => number {
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  vi.spyOn(signal, 'addEventListener').mockImplementation((...values: Parameters<typeof add>) => {
    count += 1;
    add(...values);
  });
  vi.spyOn(signal, 'removeEventListener').mockImplementation((...values: Parameters<typeof remove>) => {
    count -= 1;
    remove(...values);
  });
  return () => count;
}

test('stuck work ends at the deadline, and its signal says so', async () => {
  vi.useFakeTimers();
  let seen: AbortSignal | undefined;
  const call = withCallScope({ signal: undefined, deadlineMs: 50, now }, (scope) =>
    scope.race((signal) => {
      seen = signal;
      return never();
    }),
  );
  const settled = expect(call).rejects.toMatchObject({ code: 'deadline-exceeded' });
  await vi.advanceTimersByTimeAsync(50);
  await settled;
  expect(seen?.aborted).toBe(true);
});

test('no timer is left after a call that ended early', async () => {
  vi.useFakeTimers();
  await withCallScope({ signal: undefined, deadlineMs: 50, now }, async () => 1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a deadline that passed by the clock counts before its timer fires', async () => {
  let clock = 0;
  await withCallScope({ signal: undefined, deadlineMs: 50, now: () => clock }, async (scope) => {
    expect(scope.expired()).toBe(false);
    clock = 50;
    expect(scope.expired()).toBe(true);
    await expect(scope.race(async () => 1)).rejects.toMatchObject({ code: 'deadline-exceeded' });
    expect(() => scope.throwIfAborted()).not.toThrow();
  });
});

test('work that finished late, because it blocked, is not thrown away', async () => {
  let clock = 0;
  const value = await withCallScope({ signal: undefined, deadlineMs: 50, now: () => clock }, (scope) =>
    scope.race(async () => {
      clock = 80;
      return 'done';
    }),
  );
  expect(value).toBe('done');
});

test('the abort of the caller rejects with its reason untouched', async () => {
  const controller = new AbortController();
  const reason = { why: 'closed' };
  const call = withCallScope({ signal: controller.signal, deadlineMs: undefined, now }, (scope) =>
    scope.race(() => never()),
  );
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
});

test('a signal that is aborted already starts nothing', async () => {
  const body = vi.fn(async () => 1);
  const call = withCallScope({ signal: AbortSignal.abort('gone'), deadlineMs: undefined, now }, body);
  await expect(call).rejects.toBe('gone');
  expect(body).not.toHaveBeenCalled();
});

test('no listener is left on the signal of the caller nor on that of the work', async () => {
  const { signal } = new AbortController();
  const left = countListeners(signal);
  await withCallScope({ signal, deadlineMs: undefined, now }, async (scope) => {
    expect(left()).toBe(1);
    const leftInside = countListeners(scope.signal);
    await scope.race(async () => 1);
    await scope.race(() => Promise.reject(new TypeError('x'))).catch(() => undefined);
    expect(leftInside()).toBe(0);
  });
  expect(left()).toBe(0);
});

test('work that throws at once rejects like any other', async () => {
  const call = withCallScope({ signal: undefined, deadlineMs: undefined, now }, (scope) =>
    scope.race(() => {
      throw new TypeError('at once');
    }),
  );
  await expect(call).rejects.toThrow('at once');
});

test('work that throws an error of its own once it was aborted rejects with the reason', async () => {
  const controller = new AbortController();
  const call = withCallScope({ signal: controller.signal, deadlineMs: undefined, now }, (scope) =>
    scope.race(() => {
      controller.abort('closed');
      throw new TypeError('aborted');
    }),
  );
  await expect(call).rejects.toBe('closed');
});
