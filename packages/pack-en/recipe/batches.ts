import type { Random } from '@align-squad/core';
import { layoutWindows, tokenizeExchange, type TextToIds, type WindowLimits } from '@align-squad/inspector';
import { float32, int64 } from '@align-squad/onnx';
import type { Batch, EncoderConfig } from '@align-squad/train';
import type { Example, Unit } from './examples.js';

/** Lengths that batches are padded to. */
const lengths = [48, 72, 96, 128, 176, 256] as const;

/** Shape of a batch: examples, tokens. */
export type BatchShape = readonly [number, number];

/** Limits of training windows; what does not fit is not trained on. */
export const trainingLimits: WindowLimits = { maxTokens: 256, promptTokens: 64, contextTokens: 120 };

interface LaidOut {
  readonly example: Example;
  readonly ids: readonly number[];
  readonly markers: readonly { readonly sentence: number; readonly position: number }[];
}

/** Options of `unitBatches`. */
export interface BatchOptions {
  readonly tokenizer: TextToIds;
  readonly config: EncoderConfig;
  /** Tokens of a batch, padding included. */
  readonly batchTokens: number;
  /** Share of text tokens hidden behind the mask, against memorising. */
  readonly tokenDropout: number;
  readonly random: Random;
}

/** Batches of units of about one length, in random order. */
export function unitBatches(units: readonly Unit[], options: BatchOptions): Batch<BatchShape>[] {
  const { batchTokens, random } = options;
  const buckets = new Map<number, [LaidOut, LaidOut, Unit][]>();
  for (const unit of random.shuffle([...units])) {
    const first = layOut(unit.first, options);
    const second = layOut(unit.second, options);
    const length = lengths.find((size) => size >= Math.max(first.ids.length, second.ids.length)) ?? lengths[lengths.length - 1];
    if (length === undefined) continue;
    const bucket = buckets.get(length) ?? [];
    bucket.push([first, second, unit]);
    buckets.set(length, bucket);
  }
  const batches = [...buckets].flatMap(([length, bucket]) => {
    const unitsInBatch = Math.max(1, Math.floor(batchTokens / length / 2));
    const full = Math.floor(bucket.length / unitsInBatch);
    return Array.from({ length: full }, (_, index) =>
      toBatch(bucket.slice(index * unitsInBatch, (index + 1) * unitsInBatch), [2 * unitsInBatch, length], options));
  });
  return random.shuffle(batches);
}

function layOut(example: Example, { tokenizer, config }: BatchOptions): LaidOut {
  const [window] = layoutWindows(tokenizeExchange(tokenizer, example.exchange), config.specialIds, trainingLimits);
  return { example, ids: window?.ids ?? [], markers: window?.markers ?? [] };
}

function toBatch(rows: readonly (readonly [LaidOut, LaidOut, Unit])[], shape: BatchShape, options: BatchOptions): Batch<BatchShape> {
  const [batch, length] = shape;
  const { config, random, tokenDropout } = options;
  const { criteria, specialIds } = config;
  const heads = criteria.length;
  const ids = new BigInt64Array(batch * length).fill(BigInt(specialIds.pad));
  const mask = new BigInt64Array(batch * length);
  const labels = new Float32Array(batch * heads);
  const labelWeights = new Float32Array(batch * heads);
  const sentenceLabels = new Float32Array(batch * length * heads);
  const sentenceWeights = new Float32Array(batch * length * heads);
  const pairWeights = new Float32Array((batch / 2) * heads);

  const fill = ({ example, ids: row, markers }: LaidOut, at: number): void => {
    row.slice(0, length).forEach((id, place) => {
      const isHidden = id >= specialIds.firstText && random.next() < tokenDropout;
      ids[at * length + place] = BigInt(isHidden ? specialIds.mask : id);
      mask[at * length + place] = 1n;
    });
    criteria.forEach((criterion, head) => {
      const label = example.labels[criterion as keyof Example['labels']];
      if (label === undefined) return;
      labels[at * heads + head] = label;
      labelWeights[at * heads + head] = example.weight;
    });
    for (const { sentence, position } of markers) {
      if (position >= length) continue;
      criteria.forEach((criterion, head) => {
        const label = example.sentences?.labels[sentence]?.[criterion as keyof Example['labels']];
        if (label === undefined) return;
        sentenceLabels[(at * length + position) * heads + head] = label;
        sentenceWeights[(at * length + position) * heads + head] = example.sentences?.weight ?? 0;
      });
    }
  };
  rows.forEach(([first, second, unit], index) => {
    fill(first, 2 * index);
    fill(second, 2 * index + 1);
    if (unit.ranked) pairWeights[index * heads + criteria.indexOf(unit.ranked)] = unit.first.weight;
  });
  return {
    shape,
    inputs: {
      input_ids: int64(ids, [batch, length]),
      attention_mask: int64(mask, [batch, length]),
      labels: float32(labels, [batch, heads]),
      label_weights: float32(labelWeights, [batch, heads]),
      sentence_labels: float32(sentenceLabels, [batch, length, heads]),
      sentence_weights: float32(sentenceWeights, [batch, length, heads]),
      pair_weights: float32(pairWeights, [batch / 2, heads]),
    },
  };
}
