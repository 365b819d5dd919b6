import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import { planBatches, type PlannedBatch, type PlanOptions } from './plan-batches.js';

const buckets = [[8], [16], [40]];
const items = [3, 8, 8, 5, 2, 12, 16, 9, 30, 40, 7];
const plan = (options: Partial<PlanOptions<number>> = {}): PlannedBatch<number>[] =>
  planBatches(items, { buckets, lengthsOf: (item) => [item], batchTokens: 40, random: createRandom(1), ...options });

test('every item is in one batch, in which it fits', () => {
  const batches = plan();
  expect(batches.flatMap((batch) => batch.items).sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
  for (const { items: some, lengths } of batches) expect(Math.max(...some)).toBeLessThanOrEqual(lengths[0] ?? 0);
});

test('batches hold as many as there are tokens for, and all but one are full', () => {
  const batches = plan();
  expect(batches.map(({ lengths, size }) => [lengths[0], size]).sort(([a = 0], [b = 0]) => a - b)).toEqual([[8, 5], [16, 2], [16, 2], [40, 1], [40, 1]]);
  expect(batches.filter(({ items: some, size }) => some.length < size)).toHaveLength(0);
  const larger = plan({ batchTokens: 90 });
  expect(larger.filter(({ items: some, size }) => some.length < size).length).toBeLessThanOrEqual(1);
});

test('a batch has one item at least, and no more room than there are items', () => {
  expect(plan({ batchTokens: 1 }).every(({ size }) => size === 1)).toBe(true);
  const [only, ...others] = plan({ batchTokens: 10_000 });
  expect([only?.size, only?.items.length, others.length]).toEqual([items.length, items.length, 0]);
});

test('items of two rows take room for two', () => {
  expect(plan({ rowsOfItem: 2, batchTokens: 80 }).map(({ size }) => size).sort()).toEqual(plan().map(({ size }) => size).sort());
});

test('the random source decides on the order, and nothing else', () => {
  const shapes = (batches: readonly PlannedBatch<number>[]): string[] => batches.map(({ lengths, size }) => `${String(lengths)}x${size}`).sort();
  expect(plan()).toEqual(plan());
  expect(plan({ random: createRandom(2) })).not.toEqual(plan());
  expect(shapes(plan({ random: createRandom(2) }))).toEqual(shapes(plan()));
});

test('of no items there are no batches', () => {
  expect(planBatches([], { buckets: [], lengthsOf: () => [1], batchTokens: 10, random: createRandom(1) })).toEqual([]);
});
