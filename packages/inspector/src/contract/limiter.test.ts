import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createLimiter } from './limiter.js';

const never = (): Promise<never> => new Promise(() => undefined);
const { signal } = new AbortController();

test('tasks beyond the limit wait for their turn, in order', async () => {
  const limiter = createLimiter(2);
  const log: string[] = [];
  const task = (name: string) => async (): Promise<void> => {
    log.push(`${name} starts`);
    await new Promise(setImmediate);
    log.push(`${name} ends`);
  };
  await Promise.all(['a', 'b', 'c'].map((name) => limiter.run(task(name), signal)));
  expect(log).toEqual(['a starts', 'b starts', 'a ends', 'c starts', 'b ends', 'c ends']);
});

test('a task that fails frees its place', async () => {
  const limiter = createLimiter(1);
  await expect(limiter.run(() => Promise.reject(new TypeError('no')), signal)).rejects.toThrow(TypeError);
  await expect(limiter.run(() => { throw new TypeError('no'); }, signal)).rejects.toThrow(TypeError);
  expect(await limiter.run(async () => 1, signal)).toBe(1);
});

test('a task that hangs frees its place when it is aborted, and one that waits is not started', async () => {
  const limiter = createLimiter(1);
  const controller = new AbortController();
  let isStarted = false;
  const hung = limiter.run(never, controller.signal);
  const waiting = limiter.run(async () => (isStarted = true), controller.signal);
  const other = limiter.run(async () => 'other', signal);
  controller.abort('stop');
  await expect(hung).rejects.toBe('stop');
  await expect(waiting).rejects.toBe('stop');
  expect(await other).toBe('other');
  expect(isStarted).toBe(false);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});
