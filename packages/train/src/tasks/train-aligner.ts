import { AlignSquadError, createRandom } from '@align-squad/core';
import { causalBatches, identityWarmup, preferenceBatches, sequenceBatches, taggingBatches } from '../data/aligner-batches.js';
import { readAlignerRecords, splitByPrompt, type AlignerRecord } from '../data/read-records.js';
import type { Weights } from '../models/weights.js';
import { writePack } from '../packs/write-pack.js';
import type { TrainEvent } from '../trainer/train-event.js';
import { trainLoop } from '../trainer/train-loop.js';
import type { TrainBatch } from '../trainer/train-batch.js';
import { createTrainingStep } from '../trainer/training-step.js';
import { alignerSection, measureRewrites } from './aligner-pack.js';
import { createAlignerNetwork, type AlignerNetwork } from './aligner-network.js';
import { requireRows, tagRows, textRows, type TextRow } from './aligner-rows.js';
import { startAligner, type AlignerStart } from './aligner-start.js';
import { fingerprintOf } from './fingerprint.js';
import { inStage } from './in-stage.js';
import { packManifest } from './inspector-pack.js';
import { heldMetrics, scoreOf } from './held-metrics.js';
import { createLossEvaluator } from './loss-evaluator.js';
import type { ResolvedTrainConfig } from './train-config.js';
import { openWorkFolder } from './work-folder.js';

type Dims = readonly number[];
type Batches = readonly TrainBatch<Dims>[];

interface Task {
  readonly config: ResolvedTrainConfig;
  readonly start: AlignerStart;
  readonly network: AlignerNetwork;
}

const defaultEpochs = { scratch: 10, base: 3 } as const;
const learningRates = { scratch: 1e-3, lora: 1e-3, full: 2e-5, head: 1e-3 } as const;

/** Trains an aligner pack by a checked configuration, in this thread. */
export async function* trainAligner(config: ResolvedTrainConfig, { signal }: { readonly signal?: AbortSignal | undefined }): AsyncGenerator<TrainEvent> {
  const { training, held, hashes } = yield* inStage('read records', () => readData(config, signal));
  const fingerprint = fingerprintOf(config, hashes);
  const work = await openWorkFolder(config.out, { fingerprint, restart: config.restart });
  const start = yield* inStage('model', () => startAligner(config, training, work));
  const network = createAlignerNetwork(start.models, start.design, config);
  const task: Task = { config, start, network };
  const reference = config.aligner.objective === 'preference' ? new Map(network.weights) : undefined;
  const makeBatches = await batchMaker(task, training, reference);
  const heldBatches = (await batchMaker(task, held, reference))(0, createRandom(config.seed));
  yield { type: 'stage-start', stage: 'train' };
  const started = performance.now();
  const evaluator = createLossEvaluator<Dims>((graph, weight, dims) => network.build(graph, weight, dims, config.aligner.objective ?? 'correction'), config);
  const step = await createTrainingStep<Dims>({
    weights: network.weights,
    random: createRandom(config.seed),
    firstShape: start.design === 'encoder-decoder' ? [2, 8, 8] : [2, 8],
    buildLoss: async (graph, weight, dims) => (await network.build(graph, weight, dims, config.aligner.objective ?? 'correction'))['loss'] ?? '',
    trainable: network.isTrained,
    threads: config.threads,
    weightDecay: config.weightDecay,
  });
  try {
    yield* trainLoop<Dims>({
      step,
      weights: network.weights,
      epochs: (config.epochs ?? (config.base === 'scratch' ? defaultEpochs.scratch : defaultEpochs.base)) + warmupEpochs(config),
      schedule: { peak: config.learningRate ?? learningRates[config.base === 'scratch' ? 'scratch' : config.method], warmupShare: config.warmupShare },
      accumulation: config.accumulation,
      epochBatches: (epoch) => makeBatches(epoch, createRandom(config.seed + epoch)),
      evaluate: async (weights) => {
        const metrics = await heldMetrics(evaluator, heldBatches, weights);
        return { score: scoreOf(start.design, metrics), metrics: { ...metrics } };
      },
      ...(config.evaluateEverySteps === undefined ? {} : { evaluateEverySteps: config.evaluateEverySteps }),
      ...(config.patience === 0 ? {} : { patience: config.patience }),
      checkpoint: { path: work.path('aligner.safetensors'), everySteps: config.checkpointEverySteps, fingerprint },
      signal,
    });
  } finally {
    await Promise.all([step.dispose(), evaluator.dispose()]);
  }
  yield { type: 'stage-end', stage: 'train', seconds: (performance.now() - started) / 1000 };
  const { loss } = await heldMetrics(evaluator, heldBatches, network.weights);
  await evaluator.dispose();
  yield* writeAligner(task, { held, hashes, fingerprint, loss, signal });
  await work.remove();
}

interface Finished {
  readonly held: readonly AlignerRecord[];
  readonly hashes: readonly string[];
  readonly fingerprint: string;
  readonly loss: number;
  readonly signal: AbortSignal | undefined;
}

/** Writes the pack, rewrites held-out records with it, and writes what that showed into its manifest. */
async function* writeAligner({ config, start, network }: Task, { held, hashes, fingerprint, loss, signal }: Finished): AsyncGenerator<TrainEvent> {
  const models = network.export(network.weights);
  const write = (metrics: Readonly<Record<string, number>>): Promise<unknown> =>
    writePack(config.out, {
      manifest: packManifest(config, { aligner: alignerSection(config, start) }, { fingerprint, dataSha256: hashes, metrics, measuredOn: held.length }),
      models,
      tokenizer: start.tokenizerJson,
      json: { ...start.json, ...(start.design === 'edit-tagger' ? { 'phrases.json': { phrases: start.phrases } } : {}) },
      fp32: config.pack.fp32,
      signal,
    });
  await write({ 'held.loss': loss });
  const rewrites = yield* inStage('evaluate', () => measureRewrites(config, held, signal));
  const metrics = { 'held.loss': loss, ...rewrites };
  await write(metrics);
  yield { type: 'pack-end', directory: config.out, metrics };
}

async function readData(config: ResolvedTrainConfig, signal: AbortSignal | undefined): Promise<{
  training: readonly AlignerRecord[];
  held: readonly AlignerRecord[];
  hashes: readonly string[];
}> {
  const { records, sha256 } = await readAlignerRecords(config.data, { signal });
  if (config.dev === undefined) {
    const split = splitByPrompt(records, { share: config.devShare, seed: config.seed });
    if (split.training.length > 0 && split.held.length > 0) return { ...split, hashes: [sha256] };
    throw new AlignSquadError('Expected records of at least two prompts, to hold some out: add records, or give held-out ones by `dev`.', {
      code: 'invalid-dataset',
    });
  }
  const dev = await readAlignerRecords(config.dev, { signal });
  return { training: records, held: dev.records, hashes: [sha256, dev.sha256] };
}

/** Identities are an epoch of their own, before the others. */
function warmupEpochs({ aligner }: ResolvedTrainConfig): number {
  return (aligner.identityWarmup ?? 0.2) > 0 && aligner.objective !== 'preference' ? 1 : 0;
}

type MakeBatches = (epoch: number, random: ReturnType<typeof createRandom>) => Batches;

async function batchMaker(task: Task, records: readonly AlignerRecord[], reference: Weights | undefined): Promise<MakeBatches> {
  const { config, start } = task;
  const { tokenizer, special, maxTokens, design } = start;
  const options = { tokenizer, special, maxTokens };
  const sizes = { pad: special.pad, batchTokens: config.batchTokens };
  if (reference !== undefined) return preferenceMaker(task, records, reference);
  const identities = identityWarmup(records, config.aligner.identityWarmup ?? 0.2, createRandom(config.seed));
  const isWarmup = (epoch: number): boolean => epoch === 1 && warmupEpochs(config) === 1;
  if (design === 'edit-tagger') {
    const [rows, warmup] = [tagRows(records, options, start.phrases), tagRows(identities, options, start.phrases)];
    requireRows(rows, records.length, 'use');
    return (epoch, random) => taggingBatches(isWarmup(epoch) ? warmup : rows, { ...sizes, random });
  }
  const rowsOf = (some: readonly AlignerRecord[]): TextRow[] => textRows(some, options, ({ correction }) => correction);
  const [rows, warmup] = [rowsOf(records), rowsOf(identities)];
  requireRows(rows, records.length, 'use');
  return (epoch, random) => {
    const chosen = isWarmup(epoch) ? warmup : rows;
    return design === 'decoder' ? causalBatches(chosen, { ...sizes, random }) : sequenceBatches(chosen, { ...sizes, start: special.decoderStart, random });
  };
}

/** Pairs of correction and response, with what the base says of both (DPO needs it once, before it changes). */
async function preferenceMaker({ config, start, network }: Task, records: readonly AlignerRecord[], reference: Weights): Promise<MakeBatches> {
  const { tokenizer, special, maxTokens } = start;
  const options = { tokenizer, special, maxTokens };
  const changed = records.filter(({ identity }) => !identity);
  const chosen = new Map(textRows(changed, options, ({ correction }) => correction).map((row) => [row.line, row]));
  const rejected = new Map(textRows(changed, options, ({ exchange }) => exchange.response).map((row) => [row.line, row]));
  const lines = requireRows([...chosen.keys()].filter((line) => rejected.has(line)), changed.length, 'compare');
  const evaluator = createLossEvaluator<Dims>((graph, weight, dims) => network.build(graph, weight, dims, 'log-probabilities'), config);
  const known = new Map<TextRow, number>();
  for (const row of lines.flatMap((line) => [chosen.get(line), rejected.get(line)])) {
    if (row === undefined) continue;
    const [batch] = causalBatches([row], { pad: special.pad, batchTokens: 1, random: createRandom(1) });
    if (batch !== undefined) known.set(row, (await evaluator.evaluate(batch, reference))['log_probabilities']?.[0] ?? 0);
  }
  await evaluator.dispose();
  const pairs = lines.flatMap((line) => {
    const [better, worse] = [chosen.get(line), rejected.get(line)];
    if (better === undefined || worse === undefined) return [];
    return [{ chosen: better, rejected: worse, reference: [known.get(better) ?? 0, known.get(worse) ?? 0] as const, line }];
  });
  return (_epoch, random) => preferenceBatches(pairs, { pad: special.pad, batchTokens: config.batchTokens, random });
}
