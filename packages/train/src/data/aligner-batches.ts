import type { Random } from '@align-squad/core';
import { float32, type Tensor } from '@align-squad/onnx';
import type { TrainBatch } from '../trainer/train-batch.js';
import { causalInputs, sequenceInputs, taggingInputs, type TaggedRow, type TextPairRow } from './aligner-inputs.js';
import { chooseBuckets, type Lengths } from './length-buckets.js';
import { planBatches } from './plan-batches.js';

export { identityWarmup } from './identity-warmup.js';

/** What all batches of an aligner are made with. */
export interface AlignerBatchOptions {
  readonly pad: number;
  /** Tokens of a batch, padding included. */
  readonly batchTokens: number;
  /** Different lengths that rows are padded to. @default 8 */
  readonly lengths?: number | undefined;
  readonly random: Random;
}

/** A preferred and a rejected text, with the reference model's log-probability of each. */
export interface PreferenceRow {
  readonly chosen: TextPairRow;
  readonly rejected: TextPairRow;
  readonly reference: readonly [number, number];
  readonly line: number;
}

/** A batch whose `records` are in the order of its rows. */
export type AlignerBatch = TrainBatch<readonly number[]>;

const causalLength = ({ source, target }: TextPairRow): number => source.length + target.length - 1;
const totalWeight = ({ target, weight = 1 }: TextPairRow): number => target.length * weight;

/** Batches of a decoder, of shape [batch, sequence]: the inputs of `causalInputs`. */
export function causalBatches(rows: readonly TextPairRow[], options: AlignerBatchOptions): AlignerBatch[] {
  return toBatches(rows, options, {
    lengthsOf: (row) => [causalLength(row)],
    weightOf: totalWeight,
    inputsOf: (items, batch, [length = 1]) => causalInputs(items, [batch, length], options.pad),
  });
}

/** Batches of an encoder-decoder, of shape [batch, source, target]: the inputs of `sequenceInputs`; the decoder begins with `start`. */
export function sequenceBatches(rows: readonly TextPairRow[], options: AlignerBatchOptions & { readonly start: number }): AlignerBatch[] {
  return toBatches(rows, options, {
    lengthsOf: ({ source, target }) => [source.length, target.length],
    weightOf: totalWeight,
    inputsOf: (items, batch, [source = 1, target = 1]) => sequenceInputs(items, [batch, source, target], options),
  });
}

/** Batches of a tagger, of shape [batch, sequence]: the inputs of `taggingInputs`. */
export function taggingBatches(rows: readonly TaggedRow[], options: AlignerBatchOptions): AlignerBatch[] {
  return toBatches(rows, options, {
    lengthsOf: ({ ids }) => [ids.length],
    weightOf: ({ tags, weight = 1 }) => tags.length * weight,
    inputsOf: (items, batch, [length = 1]) => taggingInputs(items, [batch, length], options.pad),
  });
}

/**
 * Batches of `preferenceLoss`: preferred texts in rows 2k, rejected ones in rows 2k + 1, with
 * `reference_log_probabilities` [batch]. Shape and other inputs are those of a decoder, or with `start` those of an
 * encoder-decoder; `records` has an entry a pair.
 */
export function preferenceBatches(rows: readonly PreferenceRow[], options: AlignerBatchOptions & { readonly start?: number | undefined }): AlignerBatch[] {
  const { pad, start } = options;
  const lengthsOf = (row: TextPairRow): Lengths => (start === undefined ? [causalLength(row)] : [row.source.length, row.target.length]);
  const longer = (a: Lengths, b: Lengths): Lengths => a.map((length, axis) => Math.max(length, b[axis] ?? 0));
  return toBatches(rows, options, {
    rowsOfItem: 2,
    lengthsOf: ({ chosen, rejected }) => longer(lengthsOf(chosen), lengthsOf(rejected)),
    weightOf: () => 1,
    inputsOf(items, batch, [first = 1, second = 1]) {
      const texts = items.flatMap(({ chosen, rejected }) => [chosen, rejected]);
      const reference = new Float32Array(batch);
      reference.set(items.flatMap((item) => item.reference));
      return {
        ...(start === undefined ? causalInputs(texts, [batch, first], pad) : sequenceInputs(texts, [batch, first, second], { pad, start })),
        reference_log_probabilities: float32(reference, [batch]),
      };
    },
  });
}

interface BatchMaker<T> {
  readonly rowsOfItem?: number;
  readonly lengthsOf: (item: T) => Lengths;
  /** How much an item counts among the batches of one update. */
  readonly weightOf: (item: T) => number;
  readonly inputsOf: (items: readonly T[], batch: number, lengths: Lengths) => Readonly<Record<string, Tensor>>;
}

/** Batches whose inputs are made when they are read: an epoch of them would not fit in memory. */
function toBatches<T extends { readonly line: number }>(rows: readonly T[], options: AlignerBatchOptions, maker: BatchMaker<T>): AlignerBatch[] {
  const { lengths: most = 8, batchTokens, random } = options;
  const { lengthsOf, weightOf, inputsOf, rowsOfItem = 1 } = maker;
  const buckets = chooseBuckets(rows.map(lengthsOf), most);
  const tokensOf = (item: T): number => rowsOfItem * lengthsOf(item).reduce((sum, length) => sum + length, 0);
  return planBatches(rows, { buckets, lengthsOf, rowsOfItem, batchTokens, random }).map(({ lengths, size, items }) => ({
    shape: [rowsOfItem * size, ...lengths],
    tokens: items.reduce((sum, item) => sum + tokensOf(item), 0),
    records: items.map(({ line }) => line),
    weight: Math.max(1e-6, items.reduce((sum, item) => sum + weightOf(item), 0)),
    get inputs() {
      return inputsOf(items, rowsOfItem * size, lengths);
    },
  }));
}
