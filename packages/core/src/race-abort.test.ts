import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { raceAbort } from './race-abort.js';

const never = new Promise<never>(() => undefined);

test('gives what the work gives, with and without a signal', async () => {
  const { signal } = new AbortController();
  expect(await raceAbort(Promise.resolve(1), signal)).toBe(1);
  expect(await raceAbort(Promise.resolve(2), undefined)).toBe(2);
  await expect(raceAbort(Promise.reject(new TypeError('broken')), signal)).rejects.toThrow('broken');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test("rejects with the signal's reason while the work hangs", async () => {
  const controller = new AbortController();
  const race = raceAbort(never, controller.signal);
  controller.abort('stop');
  await expect(race).rejects.toBe('stop');
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test('rejects with the reason of a signal that was aborted before, whatever becomes of the work', async () => {
  await expect(raceAbort(Promise.reject(new TypeError('late')), AbortSignal.abort('stop'))).rejects.toBe('stop');
  await expect(raceAbort(Promise.resolve(1), AbortSignal.abort('stop'))).rejects.toBe('stop');
});
