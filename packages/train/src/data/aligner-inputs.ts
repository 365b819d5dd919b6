import { float32, int64, type Tensor } from '@align-squad/onnx';
import { ignoredLabel } from '../losses/cross-entropy.js';

/** What is read and what is written, as token ids. */
export interface TextPairRow {
  readonly source: readonly number[];
  readonly target: readonly number[];
  /** Number of the record's line. */
  readonly line: number;
  /** How much it counts. @default 1 */
  readonly weight?: number | undefined;
}

/** Token ids with tags at some positions. */
export interface TaggedRow {
  readonly ids: readonly number[];
  readonly positions: readonly number[];
  readonly tags: readonly number[];
  readonly line: number;
  /** How much it counts. @default 1 */
  readonly weight?: number | undefined;
}

type Inputs = Record<string, Tensor>;
type Dims = readonly [number, number];

/** Inputs of a decoder and of `causalLoss`: at each position the next token is the label, from the last one of the source on. */
export function causalInputs(rows: readonly TextPairRow[], dims: Dims, pad: number): Inputs {
  const [batch, length] = dims;
  const positions = Array.from({ length: batch * length }, (_, at) => at % length);
  const labels = rows.map(({ source, target, weight }) => ({ labels: [...source.slice(1).map(() => ignoredLabel), ...target], weight }));
  return {
    ...tokenInputs(rows.map(({ source, target }) => [...source, ...target.slice(0, -1)]), dims, pad),
    position_ids: int64(positions, dims),
    ...labelInputs(labels, dims),
  };
}

/** Inputs of an encoder-decoder and of `sequenceToSequenceLoss`; dims: batch, source, target. */
export function sequenceInputs(rows: readonly TextPairRow[], dims: readonly [number, number, number], ids: { readonly pad: number; readonly start: number }): Inputs {
  const [batch, source, target] = dims;
  const { pad, start } = ids;
  const shifted = rows.map((row) => [start, ...row.target.slice(0, -1)]);
  return {
    ...tokenInputs(rows.map((row) => row.source), [batch, source], pad),
    decoder_input_ids: table(shifted, [batch, target], pad),
    ...labelInputs(rows.map((row) => ({ labels: row.target, weight: row.weight })), [batch, target]),
  };
}

/** Inputs of a tagger and of `tokenTaggingLoss`. */
export function taggingInputs(rows: readonly TaggedRow[], dims: Dims, pad: number): Inputs {
  const labels = rows.map(({ ids, positions, tags, weight }) => {
    const row = ids.map(() => ignoredLabel);
    positions.forEach((position, index) => (row[position] = tags[index] ?? ignoredLabel));
    return { labels: row, weight };
  });
  return { ...tokenInputs(rows.map(({ ids }) => ids), dims, pad), ...labelInputs(labels, dims) };
}

/** Token ids and which of them are no padding, padded on the right; a row that only fills the batch up has one token. */
function tokenInputs(rows: readonly (readonly number[])[], dims: Dims, pad: number): Inputs {
  const present = Array.from({ length: dims[0] }, (_, row) => (rows[row] ?? [pad]).map(() => 1));
  return { input_ids: table(rows, dims, pad), attention_mask: table(present, dims, 0) };
}

interface LabelRow {
  readonly labels: readonly number[];
  readonly weight?: number | undefined;
}

/** `labels`, -100 where there is none, and `label_weights`, 0 there. */
function labelInputs(rows: readonly LabelRow[], dims: Dims): Inputs {
  const [batch, length] = dims;
  const weights = new Float32Array(batch * length);
  rows.forEach(({ labels, weight = 1 }, row) =>
    labels.forEach((label, place) => (weights[row * length + place] = label === ignoredLabel ? 0 : weight)));
  return { labels: table(rows.map(({ labels }) => labels), dims, ignoredLabel), label_weights: float32(weights, dims) };
}

function table(rows: readonly (readonly number[])[], dims: Dims, fill: number): Tensor {
  const [batch, length] = dims;
  const data = new BigInt64Array(batch * length).fill(BigInt(fill));
  rows.forEach((row, at) => row.forEach((value, place) => (data[at * length + place] = BigInt(value))));
  return int64(data, [batch, length]);
}
