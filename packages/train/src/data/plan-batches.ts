import type { Random } from '@align-squad/core';
import { bucketOf, totalOf, type Lengths } from './length-buckets.js';

/** Options of `planBatches`. */
export interface PlanOptions<T> {
  /** Lengths to pad to, the shortest first, as `chooseBuckets` gives them. */
  readonly buckets: readonly Lengths[];
  readonly lengthsOf: (item: T) => Lengths;
  /** Rows that an item takes. @default 1 */
  readonly rowsOfItem?: number | undefined;
  /** Tokens of a batch, padding included; a batch holds one item at least. */
  readonly batchTokens: number;
  readonly random: Random;
}

/** Items of one batch. */
export interface PlannedBatch<T> {
  readonly lengths: Lengths;
  /** Items that a batch of these lengths holds; the last batch of an epoch may have fewer. */
  readonly size: number;
  readonly items: readonly T[];
}

/**
 * Puts items of about one length into batches, in random order, each item once. What does not fill a batch goes into one
 * of the next longer ones, so that one batch at most is not full, and each length has one shape.
 */
export function planBatches<T>(items: readonly T[], options: PlanOptions<T>): PlannedBatch<T>[] {
  const { buckets, lengthsOf, rowsOfItem = 1, batchTokens, random } = options;
  const groups: T[][] = buckets.map(() => []);
  for (const item of random.shuffle([...items])) groups[bucketOf(lengthsOf(item), buckets)]?.push(item);
  let carried: readonly T[] = [];
  const batches = groups.flatMap((group, index) => {
    const lengths = buckets[index] ?? [];
    const size = Math.max(1, Math.min(items.length, Math.floor(batchTokens / (rowsOfItem * totalOf(lengths)))));
    // What was carried comes first and is not carried on, unless all of it is too little.
    const pool = [...carried, ...group];
    const isLast = index === buckets.length - 1;
    const count = isLast ? Math.ceil(pool.length / size) : Math.floor(pool.length / size);
    carried = pool.slice(count * size);
    return Array.from({ length: count }, (_, batch): PlannedBatch<T> => ({ lengths, size, items: pool.slice(batch * size, (batch + 1) * size) }));
  });
  return random.shuffle(batches);
}
