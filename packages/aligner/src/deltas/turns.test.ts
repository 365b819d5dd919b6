import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createTurns } from './turns.js';

test('tasks go on one at a time, in their order', async () => {
  const turns = createTurns();
  const seen: string[] = [];
  await Promise.all(['a', 'b', 'c'].map(async (name) => {
    const end = await turns.take();
    seen.push(`${name} begins`);
    await new Promise(setImmediate);
    seen.push(`${name} ends`);
    end();
  }));
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('one who leaves the queue rejects with the reason, and leaves no listener; the others keep their order', async () => {
  const turns = createTurns();
  const stop = new AbortController();
  const first = await turns.take(stop.signal);
  const leaving = turns.take(stop.signal);
  const third = turns.take();
  let isThird = false;
  void third.then(() => (isThird = true));
  stop.abort('gone');
  await expect(leaving).rejects.toBe('gone');
  expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
  await new Promise(setImmediate);
  expect(isThird).toBe(false);
  first();
  (await third)();
});

test('a signal that is aborted before takes no turn', async () => {
  const turns = createTurns();
  await expect(turns.take(AbortSignal.abort('late'))).rejects.toBe('late');
  (await turns.take())();
});
