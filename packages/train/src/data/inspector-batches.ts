import { AlignSquadError, createRandom, type Random } from '@align-squad/core';
import { isMisaligned, type LaidOutExchange, type LayOut } from '../inspector/labelled-exchange.js';
import type { TrainBatch } from '../trainer/train-batch.js';
import { inspectorInputs, type InspectorRow, type InspectorTokenIds, type InspectorUnit } from './inspector-inputs.js';
import type { InspectorRecord } from './inspector-records.js';
import { bucketOf, chooseBuckets, type Lengths } from './length-buckets.js';
import { planBatches } from './plan-batches.js';

/** Options of `inspectorBatches`. */
export interface InspectorBatchOptions {
  /** Lays one window of an exchange out; what is longer than `maxTokens` is cut off. */
  readonly layOut: LayOut;
  /** In the order of the heads. */
  readonly criteria: readonly string[];
  readonly special: InspectorTokenIds;
  readonly maxTokens: number;
  /** Tokens of a batch, padding included. */
  readonly batchTokens: number;
  /** Share of text tokens hidden behind the mask, against memorising, in [0, 1). */
  readonly tokenDropout: number;
  /** Different lengths that rows are padded to. @default 8 */
  readonly lengths?: number | undefined;
  readonly random: Random;
}

/**
 * Batches with the inputs of an encoder and of `binaryHeadsLoss`, of records of about one length, in random order. Every
 * record is used once; rows that fill a batch up have no labels. Records that share a `pair`, with labels on both sides
 * of 0.5 for a criterion, take rows 2k and 2k + 1. Inputs are made each time that they are read, the same each time.
 * @throws AlignSquadError `invalid-options` for token dropout without a mask token.
 */
export function inspectorBatches(records: readonly InspectorRecord[], options: InspectorBatchOptions): TrainBatch<readonly [number, number]>[] {
  const { layOut, special, maxTokens, batchTokens, tokenDropout, lengths = 8, random } = options;
  if (tokenDropout > 0 && special.mask === undefined) {
    throw new AlignSquadError('The tokenizer has no mask token to hide tokens behind: set `tokenDropout` to 0.', { code: 'invalid-options' });
  }
  const rows = records.map((record): InspectorRow => ({ record, ...cut(layOut(record.exchange), maxTokens) }));
  const buckets = chooseBuckets(rows.map(({ ids }) => [ids.length]), lengths);
  const units = toUnits(rows, buckets, options);
  const lengthsOf = (unit: InspectorUnit): Lengths => [Math.max(...unit.rows.map(({ ids }) => ids.length))];
  return planBatches(units, { buckets, lengthsOf, rowsOfItem: 2, batchTokens, random }).map(({ lengths: [length = 1], size, items }) => {
    const shape = [2 * size, length] as const;
    const used = items.flatMap((unit) => unit.rows);
    const seed = random.integer(2 ** 32);
    return {
      shape,
      tokens: used.reduce((sum, { ids }) => sum + ids.length, 0),
      records: used.map(({ record }) => record.line),
      // Several batches of one update count by their labels, of which the loss is the mean.
      weight: Math.max(1e-6, used.reduce((sum, { record }) => sum + record.weight * options.criteria.filter((id) => record.labels[id] !== undefined).length, 0)),
      get inputs() {
        return inspectorInputs(items, shape, { ...options, random: createRandom(seed) });
      },
    };
  });
}

function cut({ ids, markers }: LaidOutExchange, maxTokens: number): LaidOutExchange {
  return ids.length <= maxTokens ? { ids, markers } : { ids: ids.slice(0, maxTokens), markers: markers.filter(({ position }) => position < maxTokens) };
}

/** Ranked pairs, and other records two by two with one of about their length. */
function toUnits(rows: readonly InspectorRow[], buckets: readonly Lengths[], { criteria, random }: InspectorBatchOptions): InspectorUnit[] {
  const groups = new Map<string | number, InspectorRow[]>();
  for (const row of rows) {
    const { pair } = row.record;
    if (pair !== undefined) groups.set(pair, [...(groups.get(pair) ?? []), row]);
  }
  const units: InspectorUnit[] = [...groups.values()].flatMap((group) => toRanked(group, criteria));
  const ranked = new Set(units.flatMap((unit) => unit.rows));
  const singles: InspectorRow[][] = buckets.map(() => []);
  for (const row of random.shuffle(rows.filter((each) => !ranked.has(each)))) singles[bucketOf([row.ids.length], buckets)]?.push(row);
  // An odd one out goes with the next longer ones.
  const ordered = singles.flat();
  for (let at = 0; at < ordered.length; at += 2) units.push({ rows: ordered.slice(at, at + 2), ranked: [] });
  return units;
}

/** The misaligned row first, with the heads under which it is. */
function toRanked(group: readonly InspectorRow[], criteria: readonly string[]): InspectorUnit[] {
  const [first, second] = group;
  if (first === undefined || second === undefined || group.length > 2) return [];
  const worse = (a: InspectorRecord, b: InspectorRecord): number[] =>
    criteria.flatMap((criterion, head) => {
      const [label, other] = [a.labels[criterion], b.labels[criterion]];
      return label !== undefined && other !== undefined && isMisaligned(label) && !isMisaligned(other) ? [head] : [];
    });
  const [forward, backward] = [worse(first.record, second.record), worse(second.record, first.record)];
  if (forward.length + backward.length === 0) return [];
  return forward.length >= backward.length ? [{ rows: [first, second], ranked: forward }] : [{ rows: [second, first], ranked: backward }];
}
