import { expect, test } from 'vitest';
import { mapLimit } from './map-limit.js';

test('results keep the order of the items, and no more than the limit run at once', async () => {
  let running = 0;
  let most = 0;
  const results = await mapLimit([5, 1, 4, 2, 3], 2, async (item) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    running -= 1;
    return item * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

test('no item gives no result', async () => {
  expect(await mapLimit([], 4, async () => 1)).toEqual([]);
});

test('a rejection is passed on', async () => {
  await expect(mapLimit([1, 2], 4, async (item) => Promise.reject(item))).rejects.toBe(1);
});
