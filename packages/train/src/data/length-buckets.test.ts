import { createRandom } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { bucketOf, chooseBuckets, totalOf, type Lengths } from './length-buckets.js';

const paddedTokens = (rows: readonly Lengths[], buckets: readonly Lengths[]): number =>
  rows.reduce((sum, row) => sum + totalOf(buckets[bucketOf(row, buckets)] ?? []), 0);

describe('one axis', () => {
  test('few lengths are all taken, in multiples of 8 up to the longest', () => {
    expect(chooseBuckets([[3], [8], [9], [9], [30]], 6)).toEqual([[8], [16], [30]]);
  });

  test('many are grouped where padding costs least', () => {
    const rows = [...Array.from({ length: 50 }, () => [16]), ...Array.from({ length: 10 }, () => [24]), ...Array.from({ length: 10 }, () => [32]), ...Array.from({ length: 20 }, () => [200]), [208]];
    expect(chooseBuckets(rows, 2)).toEqual([[32], [208]]);
    expect(chooseBuckets(rows, 3)).toEqual([[16], [32], [208]]);
    expect(chooseBuckets(rows, 1)).toEqual([[208]]);
  });

  test('eight of them waste little', () => {
    const random = createRandom(1);
    const rows = Array.from({ length: 2000 }, () => [Math.min(512, Math.round(Math.exp(4.5 + 0.7 * random.normal())))]);
    const used = rows.reduce((sum, row) => sum + totalOf(row), 0);
    expect(paddedTokens(rows, chooseBuckets(rows, 8)) / used).toBeLessThan(1.2);
    expect(paddedTokens(rows, chooseBuckets(rows, 1)) / used).toBeGreaterThan(3);
  });

  test('of nothing there are none', () => {
    expect(chooseBuckets([], 6)).toEqual([]);
  });
});

describe('two axes', () => {
  const random = createRandom(2);
  const rows = Array.from({ length: 300 }, () => [1 + random.integer(300), 1 + random.integer(100)]);
  const buckets = chooseBuckets(rows, 4);

  test('every row fits in its bucket', () => {
    expect(buckets).toHaveLength(4);
    for (const row of rows) expect(row.every((length, axis) => length <= (buckets[bucketOf(row, buckets)]?.[axis] ?? 0))).toBe(true);
  });

  test('a bucket holds what fits in those before', () => {
    for (const [index, bucket] of buckets.slice(1).entries()) {
      expect(bucket.every((length, axis) => length >= (buckets[index]?.[axis] ?? Infinity))).toBe(true);
    }
  });

  test('no bucket is longer than the longest row', () => {
    expect(buckets.at(-1)).toEqual([0, 1].map((axis) => Math.max(...rows.map((row) => row[axis] ?? 0))));
  });
});

test('long rows are grouped as well', () => {
  const rows = Array.from({ length: 100 }, (_, index) => [100 * (index + 1)]);
  const buckets = chooseBuckets(rows, 5);
  expect(buckets).toHaveLength(5);
  expect(buckets.at(-1)).toEqual([10_000]);
});
