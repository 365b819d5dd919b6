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

function planOf({ clusterOf, leastHash }: Clusters, { devShare, seed }: SplitOptions): SplitPlan {
  const sizes = new Uint32Array(leastHash.length);
  for (const cluster of clusterOf) sizes[cluster] = (sizes[cluster] ?? 0) + 1;
  const ranked = leastHash
    .map((hash, cluster) => ({ cluster, size: sizes[cluster] ?? 0, rank: seededHash(hash, seed) }))
    .sort((a, b) => compareHashes(a.rank, b.rank));
  const dev = chooseDev(ranked, Math.round(devShare * clusterOf.length));
  if (dev.size === 0 && devShare > 0 && ranked.length > 1) {
    const [smallest] = [...ranked].sort((a, b) => a.size - b.size);
    if (smallest) dev.add(smallest.cluster);
  }
  const isDev = (index: number): boolean => dev.has(clusterOf[index] ?? -1);
  return { size: clusterOf.length, devSize: [...dev].reduce((sum, cluster) => sum + (sizes[cluster] ?? 0), 0), isDev };
}

/** Takes clusters as they are ranked and passes over those that would be too much. */
function chooseDev(ranked: readonly { readonly cluster: number; readonly size: number }[], wanted: number): Set<number> {
  const dev = new Set<number>();
  let left = wanted;
  for (const { cluster, size } of ranked) {
    if (size > left) continue;
    dev.add(cluster);
    left -= size;
  }
  return dev;
}

function seededHash([high, low]: TextHash, seed: number): TextHash {
  const mixedSeed = mixBits(seed) ^ 0x9e3779b9;
  return [mixBits(mixBits(high ^ mixedSeed) ^ low), mixBits(mixBits(low ^ mixedSeed) + high)];
}
