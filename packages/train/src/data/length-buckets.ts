/** Lengths of a row along each axis that is padded, such as source and target. */
export type Lengths = readonly number[];

// Lengths are rounded up to a multiple of this, which vector instructions like.
const multiple = 8;
// Longer ranges are looked at in coarser steps.
const mostSteps = 256;

interface Step {
  readonly lengths: Lengths;
  readonly count: number;
}

/**
 * The lengths to pad rows to, at most `count` of them, the shortest first, so that padding costs least; each is at least
 * as long as the one before along every axis, and every row fits in the last. Each is a shape to compile a graph for.
 */
export function chooseBuckets(rows: readonly Lengths[], count: number): Lengths[] {
  const steps = toSteps(rows);
  // best[k][end]: least cost of the first `end` steps in k buckets, with where the last bucket begins.
  let best = [{ cost: 0, start: 0 }, ...steps.map(() => ({ cost: Infinity, start: 0 }))];
  const starts: number[][] = [];
  for (let bucket = 0; bucket < Math.min(count, steps.length); bucket++) {
    best = addBucket(best, steps);
    starts.push(best.map(({ start }) => start));
  }
  const buckets: Lengths[] = [];
  for (let end = steps.length, bucket = starts.length - 1; end > 0; bucket--) {
    const start = starts[bucket]?.[end] ?? 0;
    buckets.unshift(steps.slice(start, end).reduce((most: Lengths, { lengths }) => longest(most, lengths), []));
    end = start;
  }
  // Not past the longest row, as a model may know no position there.
  const most = rows.reduce(longest, []);
  return buckets.map((_, index) => buckets.slice(0, index + 1).reduce(longest).map((length, axis) => Math.min(length, most[axis] ?? length)));
}

/** Index of the first bucket that a row fits in; the last one for a row that fits in none. */
export function bucketOf(lengths: Lengths, buckets: readonly Lengths[]): number {
  const index = buckets.findIndex((bucket) => lengths.every((length, axis) => length <= (bucket[axis] ?? 0)));
  return index < 0 ? buckets.length - 1 : index;
}

/** Tokens of a row of these lengths. */
export function totalOf(lengths: Lengths): number {
  return lengths.reduce((sum, length) => sum + length, 0);
}

/** Rows by their total length in steps, the shortest first, with the longest of each axis. */
function toSteps(rows: readonly Lengths[]): Step[] {
  const size = Math.max(multiple, Math.ceil(rows.reduce((most, lengths) => Math.max(most, totalOf(lengths)), 0) / mostSteps));
  const steps = new Map<number, Step>();
  for (const row of rows) {
    const at = Math.ceil(totalOf(row) / size);
    const rounded = row.map((length) => Math.max(1, Math.ceil(length / multiple)) * multiple);
    const { lengths = [], count = 0 } = steps.get(at) ?? {};
    steps.set(at, { lengths: longest(lengths, rounded), count: count + 1 });
  }
  return [...steps].sort(([a], [b]) => a - b).map(([, step]) => step);
}

function longest(a: Lengths, b: Lengths): Lengths {
  return a.length === 0 ? b : a.map((length, axis) => Math.max(length, b[axis] ?? 0));
}

function addBucket(before: readonly { readonly cost: number }[], steps: readonly Step[]): { cost: number; start: number }[] {
  return before.map((_, end) => {
    let found = { cost: end === 0 ? 0 : Infinity, start: 0 };
    let lengths: Lengths = [];
    let rows = 0;
    for (let start = end - 1; start >= 0; start--) {
      const step = steps[start];
      lengths = longest(lengths, step?.lengths ?? []);
      rows += step?.count ?? 0;
      const cost = (before[start]?.cost ?? Infinity) + rows * totalOf(lengths);
      if (cost < found.cost) found = { cost, start };
    }
    return found;
  });
}
