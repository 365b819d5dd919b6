import { createRandom, type Random } from '@align-squad/core';
import { causalBatches, identityWarmup, preferenceBatches, sequenceBatches, taggingBatches, type AlignerBatch } from '../data/aligner-batches.js';
import type { AlignerRecord } from '../data/read-records.js';
import { rowsThatFit, type SkippedRecords } from '../data/rows-that-fit.js';
import type { AlignerNetwork } from './aligner-network.js';
import { requireRows, tagRows, textRows, type TextRow } from './aligner-rows.js';
import type { AlignerStart } from './aligner-start.js';
import { createLossEvaluator } from './loss-evaluator.js';
import type { ResolvedTrainConfig } from './train-config.js';

/** What the batches of an aligner depend on. */
export interface BatchSetting {
  readonly config: ResolvedTrainConfig;
  readonly start: AlignerStart;
  /** Before it is trained: preferences are measured against it. */
  readonly network: AlignerNetwork;
}

/** Records as batches. */
export interface AlignerBatchMaker {
  /** Batches of an epoch, from 1; of epoch 0 those that measure. */
  readonly ofEpoch: (epoch: number, random: Random) => readonly AlignerBatch[];
  /** Records that are in them. */
  readonly used: number;
  readonly skipped: SkippedRecords;
}

/** Identities are an epoch of their own, before the others. */
export function warmupEpochs({ aligner }: ResolvedTrainConfig): number {
  return (aligner.identityWarmup ?? 0.2) > 0 && aligner.objective !== 'preference' ? 1 : 0;
}

/** Lays records out and makes batches of those that fit. Rejects with `invalid-dataset` when none does. */
export async function alignerBatchMaker(setting: BatchSetting, records: readonly AlignerRecord[]): Promise<AlignerBatchMaker> {
  const { config, start } = setting;
  if (config.aligner.objective === 'preference') return preferenceMaker(setting, records);
  return start.design === 'edit-tagger' ? tagMaker(setting, records) : textMaker(setting, records);
}

function tagMaker({ config, start }: BatchSetting, records: readonly AlignerRecord[]): AlignerBatchMaker {
  const rowsOf = (some: readonly AlignerRecord[]) => tagRows(some, start, start.phrases);
  const sizes = { pad: start.special.pad, batchTokens: config.batchTokens };
  return withWarmup(config, records, rowsOf, (rows, random) => taggingBatches(rows, { ...sizes, random }));
}

function textMaker({ config, start }: BatchSetting, records: readonly AlignerRecord[]): AlignerBatchMaker {
  const rowsOf = (some: readonly AlignerRecord[]): TextRow[] => textRows(some, start, ({ correction }) => correction);
  return withWarmup(config, records, rowsOf, (rows, random) => textBatches({ config, start }, rows, random));
}

function withWarmup<Row extends { readonly line: number }>(
  config: ResolvedTrainConfig,
  records: readonly AlignerRecord[],
  rowsOf: (records: readonly AlignerRecord[]) => readonly Row[],
  toBatches: (rows: readonly Row[], random: Random) => AlignerBatch[],
): AlignerBatchMaker {
  const rows = requireRows(rowsOf(records), records.length, 'use');
  const warmup = rowsOf(identityWarmup(records, config.aligner.identityWarmup ?? 0.2, createRandom(config.seed)));
  const isWarmup = (epoch: number): boolean => epoch === 1 && warmupEpochs(config) === 1;
  return { ...countUsed(records, rows), ofEpoch: (epoch, random) => toBatches(isWarmup(epoch) ? warmup : rows, random) };
}

/** Pairs of correction and response, with what the base says of both (DPO needs it once, before it changes). */
async function preferenceMaker(setting: BatchSetting, records: readonly AlignerRecord[]): Promise<AlignerBatchMaker> {
  const { config, start } = setting;
  const changed = records.filter(({ identity }) => !identity);
  const rejected = new Map(textRows(changed, start, ({ exchange }) => exchange.response).map((row) => [row.line, row]));
  const both = textRows(changed, start, ({ correction }) => correction).flatMap((chosen) => {
    const other = rejected.get(chosen.line);
    return other === undefined ? [] : [{ chosen, rejected: other, line: chosen.line }];
  });
  requireRows(both, changed.length, 'compare');
  const better = await logProbabilities(setting, both.map(({ chosen }) => chosen));
  const worse = await logProbabilities(setting, both.map((pair) => pair.rejected));
  const pairs = both.map((pair) => ({ ...pair, reference: [better.get(pair.line) ?? 0, worse.get(pair.line) ?? 0] as const }));
  const sizes = { pad: start.special.pad, batchTokens: config.batchTokens };
  const decoderStart = start.design === 'encoder-decoder' ? { start: start.special.decoderStart } : {};
  return { ...countUsed(records, pairs), ofEpoch: (_epoch, random) => preferenceBatches(pairs, { ...sizes, ...decoderStart, random }) };
}

/** What the network says of each row, by line. */
async function logProbabilities(setting: BatchSetting, rows: readonly TextRow[]): Promise<ReadonlyMap<number, number>> {
  const { config, network } = setting;
  const evaluator = createLossEvaluator<readonly number[]>((graph, weight, dims) => network.build(graph, weight, dims, 'log-probabilities'), config);
  const known = new Map<number, number>();
  try {
    for (const batch of textBatches(setting, rows, createRandom(config.seed))) {
      const { log_probabilities: values } = await evaluator.evaluate(batch, network.weights);
      batch.records.forEach((line, row) => known.set(line, values?.[row] ?? 0));
    }
  } finally {
    await evaluator.dispose();
  }
  return known;
}

function textBatches({ config, start }: Pick<BatchSetting, 'config' | 'start'>, rows: readonly TextRow[], random: Random): AlignerBatch[] {
  const { design, special } = start;
  const sizes = { pad: special.pad, batchTokens: config.batchTokens, random };
  return design === 'encoder-decoder' ? sequenceBatches(rows, { ...sizes, start: special.decoderStart }) : causalBatches(rows, sizes);
}

function countUsed(records: readonly AlignerRecord[], rows: readonly { readonly line: number }[]): Pick<AlignerBatchMaker, 'used' | 'skipped'> {
  const lines = new Set(rows.map(({ line }) => line));
  const { rows: used, skipped } = rowsThatFit(records, (record) => (lines.has(record.line) ? record : undefined));
  return { used: used.length, skipped };
}
