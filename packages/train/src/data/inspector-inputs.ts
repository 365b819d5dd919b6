import type { Random } from '@align-squad/core';
import { float32, int64, type Tensor } from '@align-squad/onnx';
import type { LaidOutExchange } from '../inspector/labelled-exchange.js';
import type { InspectorRecord } from './inspector-records.js';

/** A record as token ids. */
export interface InspectorRow extends LaidOutExchange {
  readonly record: InspectorRecord;
}

/** Two rows that lie side by side, or a single one; the first is worse than the second under the heads of `ranked`. */
export interface InspectorUnit {
  readonly rows: readonly InspectorRow[];
  readonly ranked: readonly number[];
}

/** Ids of the tokens that are no text. */
export interface InspectorTokenIds {
  readonly pad: number;
  readonly start?: number | undefined;
  readonly separator?: number | undefined;
  /** Marks sentences; without it no sentence has labels. */
  readonly sentence?: number | undefined;
  /** Hides tokens. */
  readonly mask?: number | undefined;
}

/** Options of `inspectorInputs`. */
export interface InspectorInputOptions {
  /** In the order of the heads. */
  readonly criteria: readonly string[];
  readonly special: InspectorTokenIds;
  /** Share of text tokens hidden behind the mask, in [0, 1). */
  readonly tokenDropout: number;
  readonly random: Random;
}

type Dims = readonly [number, number];

/** Inputs of an encoder and of `binaryHeadsLoss` for units in order; rows past the last unit are padding without labels. */
export function inspectorInputs(units: readonly InspectorUnit[], dims: Dims, options: InspectorInputOptions): Record<string, Tensor> {
  const [batch] = dims;
  const { criteria, special } = options;
  const heads = criteria.length;
  // A unit of one row has a row of padding beside it.
  const rows = units.flatMap(({ rows: [first, second] }) => [first, second]);
  const labels = new Float32Array(batch * heads);
  const labelWeights = new Float32Array(batch * heads);
  const pairWeights = new Float32Array((batch / 2) * heads);
  rows.forEach((row, at) => criteria.forEach((criterion, head) => {
    const label = row?.record.labels[criterion];
    if (row === undefined || label === undefined) return;
    labels[at * heads + head] = label;
    labelWeights[at * heads + head] = row.record.weight;
  }));
  units.forEach(({ rows: [first], ranked }, index) => {
    for (const head of ranked) pairWeights[index * heads + head] = first?.record.weight ?? 0;
  });
  return {
    ...tokenInputs(rows, dims, options),
    labels: float32(labels, [batch, heads]),
    label_weights: float32(labelWeights, [batch, heads]),
    pair_weights: float32(pairWeights, [batch / 2, heads]),
    ...(special.sentence === undefined ? {} : sentenceInputs(rows, dims, criteria)),
  };
}

function tokenInputs(rows: readonly (InspectorRow | undefined)[], [batch, length]: Dims, options: InspectorInputOptions): Record<string, Tensor> {
  const { special, tokenDropout, random } = options;
  const { mask: hiding } = special;
  const { pad, start, separator, sentence } = special;
  const frame = new Set([pad, start, separator, sentence, hiding]);
  const ids = new BigInt64Array(batch * length).fill(BigInt(special.pad));
  const mask = new BigInt64Array(batch * length);
  for (let at = 0; at < batch; at++) {
    // A row without a token would have no position to attend to.
    mask[at * length] = 1n;
    rows[at]?.ids.forEach((id, place) => {
      const isHidden = hiding !== undefined && tokenDropout > 0 && !frame.has(id) && random.next() < tokenDropout;
      ids[at * length + place] = BigInt(isHidden ? hiding : id);
      mask[at * length + place] = 1n;
    });
  }
  return { input_ids: int64(ids, [batch, length]), attention_mask: int64(mask, [batch, length]) };
}

function sentenceInputs(rows: readonly (InspectorRow | undefined)[], [batch, length]: Dims, criteria: readonly string[]): Record<string, Tensor> {
  const dims = [batch, length, criteria.length];
  const labels = new Float32Array(batch * length * criteria.length);
  const weights = new Float32Array(labels.length);
  rows.forEach((row, at) => {
    for (const { sentence, position } of row?.markers ?? []) {
      criteria.forEach((criterion, head) => {
        const label = row?.record.sentences?.labels[sentence]?.[criterion];
        if (row === undefined || label === undefined) return;
        const place = (at * length + position) * criteria.length + head;
        labels[place] = label;
        weights[place] = row.record.weight * (row.record.sentences?.weight ?? 1);
      });
    }
  });
  return { sentence_labels: float32(labels, dims), sentence_weights: float32(weights, dims) };
}
