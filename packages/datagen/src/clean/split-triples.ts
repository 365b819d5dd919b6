import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { Triple } from '../records/records.js';
import { mixBits, type TextHash } from './hash-text.js';
import { compareHashes, createClusterBuilder, type Clusters } from './near-duplicate-clusters.js';

/** Options of `splitTriples`. */
export interface SplitOptions {
  /** Share of the records to hold out, in [0, 1]. */
  readonly devShare: number;
  /** A whole number; another one holds other prompts out. */
  readonly seed: number;
}

/** The two parts of a dataset, in the order of its records. */
export interface SplitTriples {
  readonly train: Triple[];
  readonly dev: Triple[];
}

/** Says where each record of a stream belongs. */
export interface SplitPlan {
  readonly size: number;
  /** Records that are held out. */
  readonly devSize: number;
  /** Whether the prompt of this number, counted from 0, is held out. */
  isDev(index: number): boolean;
}

const optionsSchema: z.ZodType<SplitOptions> = z.strictObject({ devShare: z.number().min(0).max(1), seed: z.int() });

/**
 * Holds records out by prompt, never by row: all records of one prompt, and of prompts that are nearly the same, are on one side.
 * Which side depends on `seed` and on the prompts alone, in any order. `devShare` of the records are held out, or less
 * where large clusters do not fit; if that leaves none, the smallest cluster is, as long as there is another one to train on.
 * @throws AlignSquadError `invalid-options` for a share outside of [0, 1] or a seed that is not whole.
 */
export function splitTriples(records: readonly Triple[], options: SplitOptions): SplitTriples {
  const checked = parseOptions(options);
  const builder = createClusterBuilder();
  for (const { prompt } of records) builder.add(prompt);
  const plan = planOf(builder.build(), checked);
  return { train: records.filter((_, index) => !plan.isDev(index)), dev: records.filter((_, index) => plan.isDev(index)) };
}

/**
 * The same split for records that do not fit in memory: reads all prompts once, and tells of each by its number on which side it is.
 * @throws AlignSquadError `invalid-options` as `splitTriples`; the signal's reason.
 */
export async function planSplit(
  prompts: AsyncIterable<string> | Iterable<string>,
  { signal, ...options }: SplitOptions & { readonly signal?: AbortSignal | undefined },
): Promise<SplitPlan> {
  const checked = parseOptions(options);
  const builder = createClusterBuilder();
  signal?.throwIfAborted();
  for await (const prompt of prompts) {
    signal?.throwIfAborted();
    builder.add(prompt);
  }
  return planOf(builder.build(), checked);
}

function parseOptions(options: SplitOptions): SplitOptions {
  return parseWith(optionsSchema, options, { what: 'options of a split', code: 'invalid-options' });
}

function planOf({ clusterOf, clusters, leastHash }: Clusters, { devShare, seed }: SplitOptions): SplitPlan {
  const sizes = new Uint32Array(clusters);
  for (const cluster of clusterOf) sizes[cluster] = (sizes[cluster] ?? 0) + 1;
  const ranked = rankClusters(leastHash, seed);
  const isDevCluster = chooseDev(ranked, sizes, Math.round(devShare * clusterOf.length));
  if (devShare > 0 && clusters > 1 && !isDevCluster.includes(1)) isDevCluster[smallestCluster(sizes, ranked)] = 1;
  const isDev = (index: number): boolean => isDevCluster[clusterOf[index] ?? -1] === 1;
  return { size: clusterOf.length, devSize: sizes.reduce((sum, size, cluster) => sum + (isDevCluster[cluster] === 1 ? size : 0), 0), isDev };
}

/** The clusters in an order that their hashes and the seed decide; typed arrays, as objects for 300,000 clusters take 30 MB. */
function rankClusters(leastHash: Uint32Array, seed: number): Uint32Array {
  const ranks = new Uint32Array(leastHash.length);
  const order = new Uint32Array(leastHash.length / 2);
  for (let cluster = 0; cluster < order.length; cluster++) {
    order[cluster] = cluster;
    ranks.set(seededHash([leastHash[2 * cluster] ?? 0, leastHash[2 * cluster + 1] ?? 0], seed), 2 * cluster);
  }
  return order.sort((a, b) => compareHashes(ranks, a, b));
}

/** Flags of clusters [clusters]: takes them as they are ranked and passes over those that would be too much. */
function chooseDev(ranked: Uint32Array, sizes: Uint32Array, wanted: number): Uint8Array {
  const isDev = new Uint8Array(sizes.length);
  let left = wanted;
  for (const cluster of ranked) {
    const size = sizes[cluster] ?? 0;
    if (size > left) continue;
    isDev[cluster] = 1;
    left -= size;
  }
  return isDev;
}

/** The smallest cluster; of equal ones the first as they are ranked. */
function smallestCluster(sizes: Uint32Array, ranked: Uint32Array): number {
  let smallest = ranked[0] ?? 0;
  for (const cluster of ranked) if ((sizes[cluster] ?? 0) < (sizes[smallest] ?? 0)) smallest = cluster;
  return smallest;
}

function seededHash([high, low]: TextHash, seed: number): TextHash {
  const mixedSeed = mixBits(seed) ^ 0x9e3779b9;
  return [mixBits(mixBits(high ^ mixedSeed) ^ low), mixBits(mixBits(low ^ mixedSeed) + high)];
}
