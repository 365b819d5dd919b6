import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { untilAborted } from './until-aborted.js';

async function* count(): AsyncGenerator<number> {
  for (let value = 0; value < 3; value++) yield value;
}

async function read<T>(events: AsyncIterable<T>, signal?: AbortSignal, onEvent: (event: T) => void = () => undefined): Promise<T[]> {
  const all: T[] = [];
  for await (const event of untilAborted(events, signal)) {
    all.push(event);
    onEvent(event);
  }
  return all;
}

test('gives the same events, with and without a signal', async () => {
  const { signal } = new AbortController();
  expect(await read(count())).toEqual([0, 1, 2]);
  expect(await read(count(), signal)).toEqual([0, 1, 2]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('ends a wait for one that never answers, with the reason of the signal', async () => {
  const controller = new AbortController();
  const stuck: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };
  const reading = read(stuck, controller.signal);
  controller.abort('enough');
  await expect(reading).rejects.toBe('enough');
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test('asks for nothing once the signal is aborted', async () => {
  const next = vi.fn();
  await expect(read({ [Symbol.asyncIterator]: () => ({ next }) }, AbortSignal.abort('before'))).rejects.toBe('before');
  expect(next).not.toHaveBeenCalled();
});

test('an abort between two events ends the second', async () => {
  const controller = new AbortController();
  await expect(read(count(), controller.signal, () => controller.abort('enough'))).rejects.toBe('enough');
});

test('closes what gives the events when its reader stops early', async () => {
  let isClosed = false;
  async function* closable(): AsyncGenerator<number> {
    try {
      yield* count();
    } finally {
      await Promise.resolve();
      isClosed = true;
    }
  }
  const { signal } = new AbortController();
  for await (const _ of untilAborted(closable(), signal)) break;
  expect(isClosed).toBe(true);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test.each([
  ['rejects', () => Promise.reject('broken')],
  [
    'throws',
    () => {
      throw 'broken';
    },
  ],
])('passes on what it %s', async (_how, next) => {
  await expect(read({ [Symbol.asyncIterator]: () => ({ next }) })).rejects.toBe('broken');
});
