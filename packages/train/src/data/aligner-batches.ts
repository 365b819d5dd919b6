import type { Random } from '@align-squad/core';
import { float32, int64, type Tensor } from '@align-squad/onnx';
import { ignoredLabel } from '../losses/cross-entropy.js';
import type { TrainBatch } from '../trainer/train-batch.js';
import { bucketLength, intoBatches } from './length-buckets.js';
import type { AlignerRecord } from './read-records.js';

/** What all batches of an aligner are made with. */
export interface AlignerBatchOptions {
  readonly pad: number;
  /** Tokens of a batch, padding included. */
  readonly batchTokens: number;
  readonly random: Random;
}

/** What is read and what is written, as token ids. */
export interface TextPairRow {
  readonly source: readonly number[];
  readonly target: readonly number[];
  readonly line: number;
}

/** Token ids with tags at some positions. */
export interface TaggedRow {
  readonly ids: readonly number[];
  readonly positions: readonly number[];
  readonly tags: readonly number[];
  readonly line: number;
}

/** A preferred and a rejected text after the same source, with the reference model's log-probability of each. */
export interface PreferenceRow {
  readonly chosen: TextPairRow;
  readonly rejected: TextPairRow;
  readonly reference: readonly [number, number];
  readonly line: number;
}

const longest = 1 << 20;

/** Batches of a decoder: `input_ids`, `attention_mask`, `position_ids`, and `labels`: the next token, -100 over the source and padding. */
export function causalBatches(rows: readonly TextPairRow[], options: AlignerBatchOptions): TrainBatch<readonly number[]>[] {
  const lengthOf = ({ source, target }: TextPairRow): number => bucketLength(source.length + target.length - 1, longest);
  return intoBatches(rows, { ...options, keyOf: (row) => [lengthOf(row)], tokensOf: ([length = 1]) => length }).map(({ key, items, size }) => {
    const shape = [size, key[0] ?? 1];
    return batchOf(shape, items, causalInputs(items, shape, options.pad));
  });
}

function causalInputs(rows: readonly TextPairRow[], shape: readonly number[], pad: number): Record<string, Tensor> {
  const [batch = 1, length = 1] = shape;
  const labels = table(rows.map(({ source, target }) => [...source.slice(1).map(() => ignoredLabel), ...target]), shape, ignoredLabel);
  return {
    ...tokens(rows.map(({ source, target }) => [...source, ...target.slice(0, -1)]), shape, pad),
    position_ids: int64(Array.from({ length: batch * length }, (_, at) => at % length), shape),
    labels,
  };
}

/** Batches of an encoder-decoder: `input_ids`, `attention_mask`, `decoder_input_ids` after the start token, `labels`. Shape: batch, source, target. */
export function sequenceBatches(rows: readonly TextPairRow[], options: AlignerBatchOptions & { readonly start: number }): TrainBatch<readonly number[]>[] {
  const keyOf = ({ source, target }: TextPairRow): number[] => [bucketLength(source.length, longest), bucketLength(target.length, longest)];
  const tokensOf = ([source = 1, target = 1]: readonly number[]): number => source + target;
  return intoBatches(rows, { ...options, keyOf, tokensOf }).map(({ key: [source = 1, target = 1], items, size }) =>
    batchOf([size, source, target], items, {
      ...tokens(items.map((row) => row.source), [size, source], options.pad),
      decoder_input_ids: table(items.map((row) => [options.start, ...row.target.slice(0, -1)]), [size, target], options.pad),
      labels: table(items.map((row) => row.target), [size, target], ignoredLabel),
    }));
}

/** Batches of a tagger: `input_ids`, `attention_mask`, `labels` with each tag at its position, -100 elsewhere. */
export function taggingBatches(rows: readonly TaggedRow[], options: AlignerBatchOptions): TrainBatch<readonly number[]>[] {
  const keyOf = ({ ids }: TaggedRow): number[] => [bucketLength(ids.length, longest)];
  return intoBatches(rows, { ...options, keyOf, tokensOf: ([length = 1]) => length }).map(({ key, items, size }) => {
    const shape = [size, key[0] ?? 1];
    const labels = items.map(({ ids, positions, tags }) => {
      const row = ids.map(() => ignoredLabel);
      positions.forEach((position, index) => (row[position] = tags[index] ?? ignoredLabel));
      return row;
    });
    return batchOf(shape, items, { ...tokens(items.map(({ ids }) => ids), shape, options.pad), labels: table(labels, shape, ignoredLabel) });
  });
}

/** Batches of preferences: the preferred text in rows 2k, the rejected one in rows 2k + 1, inputs as those of a decoder. */
export function preferenceBatches(rows: readonly PreferenceRow[], options: AlignerBatchOptions): TrainBatch<readonly number[]>[] {
  const lengthOf = ({ source, target }: TextPairRow): number => source.length + target.length - 1;
  const keyOf = ({ chosen, rejected }: PreferenceRow): number[] => [bucketLength(Math.max(lengthOf(chosen), lengthOf(rejected)), longest)];
  return intoBatches(rows, { ...options, keyOf, tokensOf: ([length = 1]) => 2 * length }).map(({ key, items, size }) => {
    const shape = [2 * size, key[0] ?? 1];
    const texts = items.flatMap(({ chosen, rejected }) => [chosen, rejected]);
    const reference = new Float32Array(2 * size);
    reference.set(items.flatMap((item) => item.reference));
    return batchOf(shape, items, { ...causalInputs(texts, shape, options.pad), reference_log_probabilities: float32(reference, [2 * size]) });
  });
}

/** A share of the records as identities of their corrections: they teach to copy before they teach to correct (PKU Aligner, Ji et al. 2024). */
export function identityWarmup(records: readonly AlignerRecord[], share: number, random: Random): AlignerRecord[] {
  const count = Math.min(records.length, Math.ceil(share * records.length));
  return random.shuffle([...records]).slice(0, count).map((record) => ({
    ...record,
    exchange: { ...record.exchange, response: record.correction },
    identity: true,
  }));
}

function batchOf(shape: readonly number[], items: readonly { readonly line: number }[], inputs: Readonly<Record<string, Tensor>>): TrainBatch<readonly number[]> {
  const mask = inputs['attention_mask']?.data ?? [];
  const labels = inputs['labels']?.data ?? [];
  return {
    shape,
    inputs,
    tokens: Array.from(mask, Number).reduce((sum, value) => sum + value, 0),
    records: items.map(({ line }) => line),
    // Several batches of one update count by their labels, of which the loss is the mean.
    weight: Math.max(1, Array.from(labels, Number).filter((label) => label !== ignoredLabel).length),
  };
}

/** Token ids and which of them are no padding; a row that only fills the batch up has one token. */
function tokens(rows: readonly (readonly number[])[], shape: readonly number[], pad: number): Record<string, Tensor> {
  const [batch = 1] = shape;
  const present = Array.from({ length: batch }, (_, row) => (rows[row] ?? [pad]).map(() => 1));
  return { input_ids: table(rows, shape, pad), attention_mask: table(present, shape, 0) };
}

function table(rows: readonly (readonly number[])[], shape: readonly number[], fill: number): Tensor {
  const [batch = 1, length = 1] = shape;
  const data = new BigInt64Array(batch * length).fill(BigInt(fill));
  rows.forEach((row, at) => row.slice(0, length).forEach((value, place) => (data[at * length + place] = BigInt(value))));
  return int64(data, [batch, length]);
}
