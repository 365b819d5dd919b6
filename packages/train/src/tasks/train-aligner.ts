import { createRandom } from '@align-squad/core';
import type { AlignerRecord } from '../data/read-records.js';
import { writePack } from '../packs/write-pack.js';
import type { TrainEvent } from '../trainer/train-event.js';
import { trainLoop } from '../trainer/train-loop.js';
import { createTrainingStep } from '../trainer/training-step.js';
import { alignerBatchMaker, warmupEpochs } from './aligner-batch-maker.js';
import { readAlignerData } from './aligner-data.js';
import { createAlignerNetwork, type AlignerNetwork } from './aligner-network.js';
import { alignerSection, measureRewrites } from './aligner-pack.js';
import type { AlignerDesign } from './aligner-settings.js';
import { startAligner, type AlignerStart } from './aligner-start.js';
import { fingerprintOf } from './fingerprint.js';
import { inStage } from './in-stage.js';
import { heldMetrics, scoreOf } from './held-metrics.js';
import { packManifest } from './inspector-pack.js';
import { createLossEvaluator } from './loss-evaluator.js';
import { scratch, type ResolvedTrainConfig } from './train-config.js';
import { openWorkFolder } from './work-folder.js';

type Dims = readonly number[];

interface Task {
  readonly config: ResolvedTrainConfig;
  readonly start: AlignerStart;
  readonly network: AlignerNetwork;
}

const defaultEpochs = { scratch: 10, base: 3 } as const;
const learningRates = { scratch: 1e-3, lora: 1e-3, full: 2e-5, head: 1e-3 } as const;

/** By design: smaller than any shape of a batch, so that it compiles fast and reaches all weights. */
export const firstShapes: Readonly<Record<AlignerDesign, Dims>> = { decoder: [2, 8], 'edit-tagger': [2, 8], 'encoder-decoder': [2, 8, 8] };

/** Passes over the data, the warm-up among them. */
export function epochsOf(config: ResolvedTrainConfig): number {
  return (config.epochs ?? (config.base === scratch ? defaultEpochs.scratch : defaultEpochs.base)) + warmupEpochs(config);
}

/** Highest learning rate of the schedule. */
export function learningRateOf({ base, method, learningRate }: ResolvedTrainConfig): number {
  return learningRate ?? learningRates[base === scratch ? 'scratch' : method];
}

/** Trains an aligner pack by a checked configuration, in this thread. */
export async function* trainAligner(config: ResolvedTrainConfig, { signal }: { readonly signal?: AbortSignal | undefined }): AsyncGenerator<TrainEvent> {
  const { training, held, hashes } = yield* inStage('read records', () => readAlignerData(config, signal));
  const fingerprint = fingerprintOf(config, hashes);
  const work = await openWorkFolder(config.out, { fingerprint, restart: config.restart });
  const start = yield* inStage('model', () => startAligner(config, training, work));
  const network = createAlignerNetwork(start.models, start.design, config);
  const task: Task = { config, start, network };
  const [batches, measured] = yield* inStage('batches', async () => [await alignerBatchMaker(task, training), await alignerBatchMaker(task, held)] as const);
  yield {
    type: 'records',
    training: batches.used,
    held: measured.used,
    skipped: batches.skipped.count + measured.skipped.count,
    cut: 0,
    lines: batches.skipped.lines,
  };
  const heldBatches = measured.ofEpoch(0, createRandom(config.seed));
  yield { type: 'stage-start', stage: 'train' };
  const started = performance.now();
  const evaluator = createLossEvaluator<Dims>((graph, weight, dims) => network.build(graph, weight, dims, config.aligner.objective ?? 'correction'), config);
  const step = await createTrainingStep<Dims>({
    weights: network.weights,
    random: createRandom(config.seed),
    firstShape: firstShapes[start.design],
    buildLoss: async (graph, weight, dims) => (await network.build(graph, weight, dims, config.aligner.objective ?? 'correction'))['loss'] ?? '',
    trainable: network.isTrained,
    threads: config.threads,
    weightDecay: config.weightDecay,
  });
  let loss = 0;
  try {
    yield* trainLoop<Dims>({
      step,
      weights: network.weights,
      epochs: epochsOf(config),
      schedule: { peak: learningRateOf(config), warmupShare: config.warmupShare },
      accumulation: config.accumulation,
      epochBatches: (epoch) => batches.ofEpoch(epoch, createRandom(config.seed + epoch)),
      evaluate: async (weights) => {
        const metrics = await heldMetrics(evaluator, heldBatches, weights);
        return { score: scoreOf(start.design, metrics), metrics: { ...metrics } };
      },
      ...(config.evaluateEverySteps === undefined ? {} : { evaluateEverySteps: config.evaluateEverySteps }),
      ...(config.patience === 0 ? {} : { patience: config.patience }),
      checkpoint: { path: work.path('aligner.safetensors'), everySteps: config.checkpointEverySteps, fingerprint },
      signal,
    });
    ({ loss } = await heldMetrics(evaluator, heldBatches, network.weights));
  } finally {
    await Promise.all([step.dispose(), evaluator.dispose()]);
  }
  yield { type: 'stage-end', stage: 'train', seconds: (performance.now() - started) / 1000 };
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
