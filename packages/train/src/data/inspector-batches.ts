import type { Random } from '@align-squad/core';
import { float32, int64 } from '@align-squad/onnx';
import { isMisaligned, type LaidOutExchange, type LayOut } from '../inspector/labelled-exchange.js';
import type { TrainBatch } from '../trainer/train-batch.js';
import { bucketLength, intoBatches } from './length-buckets.js';
import type { InspectorRecord } from './read-records.js';

/** Options of `inspectorBatches`. */
export interface InspectorBatchOptions {
  readonly layOut: LayOut;
  /** In the order of the heads. */
  readonly criteria: readonly string[];
  readonly special: { readonly pad: number; readonly mask?: number | undefined; readonly firstText?: number | undefined };
  readonly maxTokens: number;
  /** Tokens of a batch, padding included. */
  readonly batchTokens: number;
  /** Share of text tokens hidden behind the mask, against memorising; none where there is no mask. */
  readonly tokenDropout: number;
  readonly random: Random;
}

interface Row extends LaidOutExchange {
  readonly record: InspectorRecord;
}

/** Two rows side by side; with `ranked`, the first is worse than the second under that head. */
interface Unit {
  readonly rows: readonly Row[];
  readonly ranked?: number | undefined;
}

/**
 * Batches with the inputs of an encoder and of `binaryHeadsLoss`, of records of about one length. Every record is used
 * once; rows that fill a batch up have no labels.
 */
export function inspectorBatches(records: readonly InspectorRecord[], options: InspectorBatchOptions): TrainBatch<readonly [number, number]>[] {
  const { layOut, maxTokens, batchTokens, random } = options;
  const rowOf = (record: InspectorRecord): Row => ({ record, ...layOut(record.exchange) });
  const units = toUnits(records, options).map(({ rows, ranked }) => ({ ranked, rows: rows.map(rowOf) }));
  const lengthOf = ({ rows }: Unit): number => bucketLength(Math.max(...rows.map(({ ids }) => ids.length)), maxTokens);
  const batches = intoBatches(units, { keyOf: (unit) => [lengthOf(unit)], tokensOf: ([length = 1]) => 2 * length, batchTokens, random });
  return batches.map(({ key: [length = 1], items, size }) => toBatch(items, [2 * size, length], options));
}

/** Pairs lie side by side; single records are put two by two, in random order. */
function toUnits(records: readonly InspectorRecord[], { criteria, random }: InspectorBatchOptions): { rows: InspectorRecord[]; ranked?: number }[] {
  const groups = new Map<string, InspectorRecord[]>();
  const singles: InspectorRecord[] = [];
  for (const record of records) {
    if (record.pair === undefined) singles.push(record);
    else groups.set(record.pair, [...(groups.get(record.pair) ?? []), record]);
  }
  const pairs = [...groups.values()].flatMap((group) => {
    const ranked = criteria.findIndex((criterion) => group.length === 2 && isRanked(group, criterion));
    if (ranked < 0) {
      singles.push(...group);
      return [];
    }
    const isWorse = ({ labels }: InspectorRecord): boolean => isMisaligned(labels[criteria[ranked] ?? ''] ?? 0);
    return [{ rows: [...group].sort((a, b) => Number(isWorse(b)) - Number(isWorse(a))), ranked }];
  });
  random.shuffle(singles);
  const twos = Array.from({ length: Math.ceil(singles.length / 2) }, (_, index) => ({ rows: singles.slice(2 * index, 2 * index + 2) }));
  return [...pairs, ...twos];
}

function isRanked([first, second]: readonly InspectorRecord[], criterion: string): boolean {
  const [a, b] = [first?.labels[criterion], second?.labels[criterion]];
  return a !== undefined && b !== undefined && isMisaligned(a) !== isMisaligned(b);
}

function toBatch(units: readonly Unit[], shape: readonly [number, number], options: InspectorBatchOptions): TrainBatch<readonly [number, number]> {
  const [batch, length] = shape;
  const { criteria, special } = options;
  const heads = criteria.length;
  const ids = new BigInt64Array(batch * length).fill(BigInt(special.pad));
  const mask = new BigInt64Array(batch * length);
  // A row without a token would have no position to attend to.
  for (let row = 0; row < batch; row++) mask[row * length] = 1n;
  const tables = createTables(batch, length, heads);
  units.forEach(({ rows, ranked }, index) => {
    rows.forEach((row, side) => {
      fillTokens(row, { ids, mask, from: (2 * index + side) * length, length }, options);
      fillLabels(row, 2 * index + side, tables, { criteria, length });
    });
    if (ranked !== undefined) tables.pairWeights[index * heads + ranked] = rows[0]?.record.weight ?? 0;
  });
  const used = units.flatMap(({ rows }) => rows);
  return {
    shape,
    tokens: used.reduce((sum, { ids: row }) => sum + Math.min(length, row.length), 0),
    records: used.map(({ record }) => record.line),
    inputs: {
      input_ids: int64(ids, [batch, length]),
      attention_mask: int64(mask, [batch, length]),
      labels: float32(tables.labels, [batch, heads]),
      label_weights: float32(tables.labelWeights, [batch, heads]),
      sentence_labels: float32(tables.sentenceLabels, [batch, length, heads]),
      sentence_weights: float32(tables.sentenceWeights, [batch, length, heads]),
      pair_weights: float32(tables.pairWeights, [batch / 2, heads]),
    },
  };
}

type Tables = Readonly<Record<'labels' | 'labelWeights' | 'sentenceLabels' | 'sentenceWeights' | 'pairWeights', Float32Array>>;

function createTables(batch: number, length: number, heads: number): Tables {
  const zeros = (size: number): Float32Array => new Float32Array(size);
  return {
    labels: zeros(batch * heads),
    labelWeights: zeros(batch * heads),
    sentenceLabels: zeros(batch * length * heads),
    sentenceWeights: zeros(batch * length * heads),
    pairWeights: zeros((batch / 2) * heads),
  };
}

interface TokenTarget {
  readonly ids: BigInt64Array;
  readonly mask: BigInt64Array;
  readonly from: number;
  readonly length: number;
}

function fillTokens(row: Row, { ids, mask, from, length }: TokenTarget, { special, tokenDropout, random }: InspectorBatchOptions): void {
  const firstText = special.firstText ?? Infinity;
  row.ids.slice(0, length).forEach((id, place) => {
    const isHidden = special.mask !== undefined && tokenDropout > 0 && id >= firstText && random.next() < tokenDropout;
    ids[from + place] = BigInt(isHidden ? (special.mask ?? id) : id);
    mask[from + place] = 1n;
  });
}

function fillLabels({ record, markers }: Row, row: number, tables: Tables, { criteria, length }: { criteria: readonly string[]; length: number }): void {
  const heads = criteria.length;
  criteria.forEach((criterion, head) => {
    const label = record.labels[criterion];
    if (label !== undefined) {
      tables.labels[row * heads + head] = label;
      tables.labelWeights[row * heads + head] = record.weight;
    }
    for (const { sentence, position } of markers) {
      const sentenceLabel = record.sentences?.labels[sentence]?.[criterion];
      if (sentenceLabel === undefined || position >= length) continue;
      const at = (row * length + position) * heads + head;
      tables.sentenceLabels[at] = sentenceLabel;
      tables.sentenceWeights[at] = record.weight * (record.sentences?.weight ?? 1);
    }
  });
}
