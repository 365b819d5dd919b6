import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { mapOverlapped } from './map-overlapped.js';

test('results come in the order of the items, whichever ends first', async () => {
  const double = async (item: number): Promise<number> => {
    for (let turn = 0; turn < 5 - item; turn += 1) await setImmediate();
    return 2 * item;
  };
  expect(await mapOverlapped([1, 2, 3, 4, 5], 3, double)).toEqual([2, 4, 6, 8, 10]);
});

test.each([1, 2, 4])('at most %d are under way, and that many where there are enough', async (most) => {
  let underWay = 0;
  let peak = 0;
  await mapOverlapped(Array(9).keys(), most, async () => {
    peak = Math.max(peak, (underWay += 1));
    await setImmediate();
    underWay -= 1;
  });
  expect(peak).toBe(most);
});

test('items are taken when their turn comes, and none after a failure', async () => {
  const taken: number[] = [];
  function* items(): Generator<number> {
    for (let item = 0; item < 10; item += 1) {
      taken.push(item);
      yield item;
    }
  }
  const fail = async (item: number): Promise<void> => {
    await setImmediate();
    if (item === 1) throw new RangeError('one');
  };
  await expect(mapOverlapped(items(), 1, fail)).rejects.toThrow(RangeError);
  expect(taken).toEqual([0, 1]);
});

test('a failure is told when what is under way has ended', async () => {
  const ended: number[] = [];
  const work = async (item: number): Promise<void> => {
    if (item === 0) throw new RangeError('zero');
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    ended.push(item);
  };
  await expect(mapOverlapped([0, 1], 2, work)).rejects.toThrow(RangeError);
  expect(ended).toEqual([1]);
});
