import { AlignSquadError, createRandom } from '@align-squad/core';
import { auroc } from './auroc.js';
import { percentile } from './percentile.js';
import { countBothLabels, invalidDataset } from './scored.js';

/** A range that holds a statistic with the given confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Options of `bootstrapInterval`. */
export interface BootstrapOptions {
  /** Resamples, an integer from 1. @default 1000 */
  readonly samples?: number | undefined;
  /** Confidence, between 0 and 1. @default 0.95 */
  readonly level?: number | undefined;
  /** @default 1 */
  readonly seed?: number | undefined;
  /** Group of each item: a group is drawn whole, such as the rows of one prompt. @default each item by itself */
  readonly groups?: readonly string[] | undefined;
}

/**
 * Percentile bootstrap: draws items with replacement and gives the middle `level` of what `statistic` says of them.
 * A draw whose statistic is undefined is drawn again.
 * @throws AlignSquadError `invalid-options`, or `invalid-dataset` without items or when most draws are undefined.
 */
export function bootstrapInterval(
  size: number,
  statistic: (items: readonly number[]) => number | undefined,
  options: BootstrapOptions = {},
): Interval {
  const { samples = 1000, level = 0.95, seed = 1, groups } = options;
  if (!Number.isInteger(samples) || samples < 1 || !(level > 0 && level < 1) || !Number.isInteger(seed)) {
    throw new AlignSquadError('Expected `samples` from 1, `level` between 0 and 1, and a whole `seed`.', {
      code: 'invalid-options',
    });
  }
  const clusters = clusterItems(size, groups);
  const random = createRandom(seed);
  const values: number[] = [];
  for (let draw = 0; values.length < samples; draw += 1) {
    if (draw >= 2 * samples) throw invalidDataset('Most resamples are undefined: too few items, or one of a kind.');
    const items = clusters.flatMap(() => clusters[random.integer(clusters.length)] ?? []);
    const value = statistic(items);
    if (value !== undefined) values.push(value);
  }
  const tail = ((1 - level) / 2) * 100;
  return { low: percentile(values, tail), high: percentile(values, 100 - tail) };
}

/**
 * Bootstrap interval of the AUROC; a resample with one class only is drawn again.
 * @throws AlignSquadError `invalid-dataset` or `invalid-options`.
 */
export function aurocInterval(
  scores: readonly number[],
  labels: readonly boolean[],
  options: BootstrapOptions = {},
): Interval {
  countBothLabels(scores, labels);
  return bootstrapInterval(
    scores.length,
    (items) => {
      const drawn = items.map((item) => labels[item] === true);
      if (drawn.every(Boolean) || !drawn.some(Boolean)) return undefined;
      return auroc(items.map((item) => scores[item] ?? 0), drawn);
    },
    options,
  );
}

function clusterItems(size: number, groups: readonly string[] | undefined): number[][] {
  if (!Number.isInteger(size) || size < 1) throw invalidDataset('Expected at least one item, got none.');
  if (groups === undefined) return Array.from({ length: size }, (_, item) => [item]);
  if (groups.length !== size) throw invalidDataset(`Expected ${size} groups, got ${groups.length}.`);
  const clusters = new Map<string, number[]>();
  groups.forEach((group, item) => clusters.set(group, [...(clusters.get(group) ?? []), item]));
  return [...clusters.values()];
}
