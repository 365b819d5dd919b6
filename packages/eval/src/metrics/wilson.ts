import type { Interval } from './bootstrap.js';

// The 97.5th percentile of the standard normal.
const z = 1.959964;

/** Wilson's 95 % interval of a rate that was seen in `trials` trials, above 0; it has a width also at 0 and 1. */
export function wilsonInterval(rate: number, trials: number): Interval {
  const scale = 1 + z ** 2 / trials;
  const middle = (rate + z ** 2 / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((rate * (1 - rate)) / trials + z ** 2 / (4 * trials ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/**
 * How many independent trials items in groups of these sizes are worth, when items of one group say the same (Kish's
 * effective sample size): the number of groups where they are of one size, fewer where they are not.
 */
export function effectiveTrials(sizes: readonly number[]): number {
  const sum = sizes.reduce((total, size) => total + size, 0);
  return sum ** 2 / sizes.reduce((total, size) => total + size ** 2, 0);
}
