import { readFile } from 'node:fs/promises';
import { createRandom, promptText, toAlignSquadError } from '@align-squad/core';
import { createExchangeLayout, exchangeTokenIds, exchangeTokens, type ExchangeLayout, type InspectorManifest } from '@align-squad/inspector';
import { createTextTokenizer, type TextTokenizer } from '@align-squad/onnx';
import { writeModel } from '@align-squad/onnx/graph';
import { inspectorBatches } from '../data/inspector-batches.js';
import type { InspectorRecord } from '../data/read-records.js';
import { exportEncoder, exportWideAndDeep } from '../inspector/export-inspector.js';
import { headAurocs } from '../inspector/labelled-logits.js';
import { memoize } from '../inspector/memoize.js';
import { mixParts } from '../inspector/mix-parts.js';
import { scoreExchanges, type ScoredExchange } from '../inspector/score-exchanges.js';
import { trainNgrams } from '../inspector/train-ngrams.js';
import type { EncoderConfig } from '../models/encoder-config.js';
import { buildInspectorLoss } from '../models/inspector-loss.js';
import type { Weights } from '../models/weights.js';
import { withExchangeTemplate } from '../packs/exchange-template.js';
import { huggingFaceConfig } from '../packs/hugging-face-config.js';
import { writePack } from '../packs/write-pack.js';
import { trainByteLevelBpe } from '../tokenizer/train-bpe.js';
import type { TrainEvent } from '../trainer/train-event.js';
import { trainLoop } from '../trainer/train-loop.js';
import { createTrainingStep } from '../trainer/training-step.js';
import { fingerprintOf } from './fingerprint.js';
import { inStage } from './in-stage.js';
import { describeRecords, readInspectorData, type InspectorData } from './inspector-data.js';
import { measureInspector, packManifest } from './inspector-pack.js';
import type { ResolvedTrainConfig } from './train-config.js';
import { openWorkFolder, type WorkFolder } from './work-folder.js';

interface Setting {
  readonly config: ResolvedTrainConfig;
  readonly data: InspectorData;
  readonly work: WorkFolder;
  readonly fingerprint: string;
  readonly tokenizer: TextTokenizer;
  readonly shape: EncoderConfig;
  readonly limits: InspectorManifest['limits'];
  readonly layout: ExchangeLayout;
  readonly signal: AbortSignal | undefined;
}

const defaultEpochs = 3;
const defaultLearningRate = 6e-4;

/** Trains an inspector from random weights: tokenizer, n-grams, encoder, then their mix and its calibration. */
export async function* trainScratchInspector(
  config: ResolvedTrainConfig,
  { signal }: { readonly signal?: AbortSignal | undefined },
): AsyncGenerator<TrainEvent> {
  const data = yield* inStage('read records', () => readInspectorData(config, signal));
  const fingerprint = fingerprintOf(config, data.hashes);
  const work = await openWorkFolder(config.out, { fingerprint, restart: config.restart });
  const tokenizerJson = yield* inStage('tokenizer', () => work.json('tokenizer', () => trainTokenizer(config, data)));
  const setting = { config, data, work, fingerprint, signal, ...(await layOut(config, tokenizerJson)) };
  yield describeRecords(data, setting.layout);
  const [heldNgrams, ngrams] = yield* inStage('n-grams', () => trainWideHalf(setting));
  yield { type: 'stage-start', stage: 'encoder' };
  const started = performance.now();
  const encoder = yield* trainEncoder(setting);
  yield { type: 'stage-end', stage: 'encoder', seconds: (performance.now() - started) / 1000 };
  const { held: rows } = data;
  const mixed = yield* inStage('mix', () => mixParts({ encoder, heldNgrams, ngrams }, setting.shape, (model) => score(setting, model, rows)));
  yield yield* inStage('pack', () => writeInspector(setting, tokenizerJson, mixed));
}

async function trainTokenizer({ inspector }: ResolvedTrainConfig, { training, ngramTraining }: InspectorData): Promise<object> {
  const own = [...new Set([...training, ...ngramTraining])].flatMap(({ exchange }) => [promptText(exchange.prompt), exchange.context ?? '', exchange.response]);
  const texts: string[] = [...own];
  for (const path of inspector.tokenizerTexts ?? []) texts.push(...(await readLines(path)));
  const vocabularySize = inspector.shape?.vocabularySize ?? 8192;
  return trainByteLevelBpe(texts, { vocabularySize, specialTokens: Object.values(exchangeTokens) });
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n');
  } catch (error) {
    throw toAlignSquadError(error, 'A text file of the configuration could not be read.', 'invalid-options');
  }
}

async function layOut({ inspector, criteria }: ResolvedTrainConfig, tokenizerJson: object): Promise<Pick<Setting, 'tokenizer' | 'shape' | 'limits' | 'layout'>> {
  const tokenizer = await createTextTokenizer(tokenizerJson);
  const { width = 128, layers = 4, attentionHeads = 4, feedForwardWidth = 512, maxTokens = 320, ngramBuckets = 65_536 } = inspector.shape ?? {};
  const shape: EncoderConfig = {
    vocabularySize: tokenizer.vocabularySize,
    width,
    layers,
    attentionHeads,
    feedForwardWidth,
    maxTokens,
    ngramBuckets,
    criteria: criteria.map(({ id }) => id),
    experts: (inspector.experts ?? []).map(({ criterion }) => criterion),
    specialIds: exchangeTokenIds((token) => tokenizer.tokenId(token)),
  };
  // A fifth for the prompt, a half for the context, and the response takes what they leave.
  const limits = { maxTokens, promptTokens: Math.floor(maxTokens / 5), contextTokens: Math.max(8, Math.floor(maxTokens / 2) - 32) };
  const layout = createExchangeLayout({ ...memoize(tokenizer), tokenId: (token) => tokenizer.tokenId(token) }, { limits });
  return { tokenizer, shape, limits, layout };
}

async function trainWideHalf({ config, data, work, shape, tokenizer, layout, signal }: Setting): Promise<[Weights, Weights]> {
  const train = async (records: readonly InspectorRecord[]): Promise<Weights> => {
    const { experts } = data;
    return trainNgrams({ records, experts }, { config: shape, tokenizer, layOut: (exchange) => layout.firstWindow(exchange), seed: config.seed, signal });
  };
  const held = await work.weights('ngrams-held', () => train(data.ngramTraining));
  return [held, await work.weights('ngrams', () => train([...data.ngramTraining, ...data.held]))];
}

async function* trainEncoder(setting: Setting): AsyncGenerator<TrainEvent, Weights> {
  const { config, data, work, shape, layout, limits, fingerprint, signal } = setting;
  const weights: Weights = new Map();
  const { pair = 0.5, sentence = 0.5 } = config.inspector.lossWeights ?? {};
  const step = await createTrainingStep({
    weights,
    random: createRandom(config.seed),
    firstShape: [2, 8] as readonly [number, number],
    buildLoss: (graph, weight, dims) => buildInspectorLoss(graph, weight, shape, dims, { pair, sentence }),
    threads: config.threads,
    weightDecay: config.weightDecay,
  });
  try {
    yield* trainLoop({
      step,
      weights,
      epochs: config.epochs ?? defaultEpochs,
      schedule: { peak: config.learningRate ?? defaultLearningRate, warmupShare: config.warmupShare },
      accumulation: config.accumulation,
      epochBatches: (epoch) =>
        inspectorBatches(data.training, {
          layOut: (exchange) => layout.firstWindow(exchange),
          criteria: shape.criteria,
          special: shape.specialIds,
          maxTokens: limits.maxTokens,
          batchTokens: config.batchTokens,
          tokenDropout: config.inspector.tokenDropout ?? 0.1,
          random: createRandom(config.seed + epoch),
        }),
      async evaluate(current) {
        const metrics = headAurocs(await score(setting, writeModel(exportEncoder(current, shape)), data.held), shape.criteria);
        return { score: metrics['mean'] ?? 0, metrics };
      },
      ...(config.evaluateEverySteps === undefined ? {} : { evaluateEverySteps: config.evaluateEverySteps }),
      ...(config.patience === 0 ? {} : { patience: config.patience }),
      checkpoint: { path: work.path('encoder.safetensors'), everySteps: config.checkpointEverySteps, fingerprint },
      signal,
    });
  } finally {
    await step.dispose();
  }
  return weights;
}

function score({ config, layout, shape, signal }: Setting, model: Uint8Array, rows: readonly InspectorRecord[]): Promise<ScoredExchange[]> {
  const options = { layOut: layout.firstWindow, heads: shape.criteria.length, threads: config.threads, signal };
  return scoreExchanges(model, rows, options);
}

/** Calibrates with n-grams that never saw the held-out records; those that are published did. */
async function writeInspector(setting: Setting, tokenizerJson: object, { held, whole, aurocs }: Awaited<ReturnType<typeof mixParts>>): Promise<TrainEvent> {
  const { config, data, shape, layout, limits, fingerprint, tokenizer, work, signal } = setting;
  const measured = await measureInspector(exportWideAndDeep(held, shape), data.held, {
    config,
    layOut: layout.firstWindow,
    criteria: config.criteria,
    signal,
  });
  const section: InspectorManifest = { model: 'onnx/model_quantized.onnx', tokenizer: 'tokenizer.json', limits, heads: measured.heads };
  const parts = Object.fromEntries(Object.entries(aurocs).map(([part, { mean = 0 }]) => [`auroc.mean.${part}`, mean]));
  const metrics = { ...measured.metrics, ...parts };
  await writePack(config.out, {
    manifest: packManifest(config, { inspector: section }, { fingerprint, dataSha256: data.hashes, metrics, measuredOn: data.held.length }),
    models: { 'onnx/model.onnx': exportWideAndDeep(whole, shape) },
    tokenizer: withExchangeTemplate(tokenizerJson),
    json: {
      ...huggingFaceConfig('inspector', { config: shape, tokenizer }),
      ...(Object.keys(measured.sentenceThresholds).length === 0 ? {} : { 'sentence_thresholds.json': measured.sentenceThresholds }),
    },
    fp32: config.pack.fp32,
    signal,
  });
  await work.remove();
  return { type: 'pack-end', directory: config.out, metrics };
}
