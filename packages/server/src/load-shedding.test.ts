import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createLoadShedder } from './load-shedding.js';

const signal = new AbortController().signal;

test('places are given in the order of coming, each back once', async () => {
  const shedder = createLoadShedder({ maxConcurrent: 1, maxQueue: 2, onShed: () => undefined });
  const order: string[] = [];
  const first = await shedder.enter(signal);
  const others = ['second', 'third'].map(async (name) => {
    const leave = await shedder.enter(signal);
    order.push(name);
    return leave;
  });
  first();
  first();
  (await others[0])?.();
  (await others[1])?.();
  expect(order).toEqual(['second', 'third']);
  (await shedder.enter(signal))();
});

test('giving a place back twice makes no second one', async () => {
  let shed = 0;
  const shedder = createLoadShedder({ maxConcurrent: 1, maxQueue: 0, onShed: () => (shed += 1) });
  const leave = await shedder.enter(signal);
  leave();
  leave();
  await shedder.enter(signal);
  await expect(shedder.enter(signal)).rejects.toMatchObject({ status: 503 });
  expect(shed).toBe(1);
});

test('who is aborted leaves the queue with the reason, without a listener', async () => {
  const shedder = createLoadShedder({ maxConcurrent: 1, maxQueue: 1, onShed: () => undefined });
  const leave = await shedder.enter(signal);
  const controller = new AbortController();
  const waiting = shedder.enter(controller.signal);
  controller.abort('gone');
  await expect(waiting).rejects.toBe('gone');
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  const next = shedder.enter(signal);
  leave();
  (await next)();
  await expect(shedder.enter(controller.signal)).rejects.toBe('gone');
});
