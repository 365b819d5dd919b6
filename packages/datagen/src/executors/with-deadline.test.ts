import { expect, test, vi } from 'vitest';
import { isTimedOut, pause, withDeadline } from './with-deadline.js';

const never = (): Promise<never> => new Promise(() => undefined);

test('a call that ignores its signal is left at the deadline', async () => {
  let inner: AbortSignal | undefined;
  const result = await withDeadline((signal) => ((inner = signal), never()), { timeoutMs: 5 });
  expect(isTimedOut(result)).toBe(true);
  expect(inner?.aborted).toBe(true);
});

test('an abort rejects with its reason', async () => {
  const controller = new AbortController();
  const call = withDeadline(never, { signal: controller.signal });
  const reason = { why: 'enough' };
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
  await expect(pause(1000, controller.signal)).rejects.toBe(reason);
});

test('no listener stays on the signal', async () => {
  const { signal } = new AbortController();
  const add = vi.spyOn(signal, 'addEventListener');
  const remove = vi.spyOn(signal, 'removeEventListener');
  await withDeadline(async () => 1, { signal });
  await expect(withDeadline(() => Promise.reject(new TypeError('no')), { signal })).rejects.toThrow('no');
  expect(add).toHaveBeenCalledTimes(2);
  expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(add.mock.calls.map(([, listener]) => listener));
});
