import { AlignSquadError, createRandom } from '@align-squad/core';
import { createExchangeLayout, exchangeTokenIds } from '@align-squad/inspector';
import { createSession, createTextTokenizer } from '@align-squad/onnx';
import { dataType, importModel, selectOutputs, writeModel, type ModelProto } from '@align-squad/onnx/graph';
import { inspectorBatches } from '../../packages/train/src/data/inspector-batches.js';
import { findFeatures } from '../../packages/train/src/inspector/find-features.js';
import { memoize } from '../../packages/train/src/inspector/memoize.js';
import { encoderInputs } from '../../packages/train/src/inspector/score-exchanges.js';
import { binaryHeadsLoss } from '../../packages/train/src/losses/binary-heads-loss.js';
import { classificationHead } from '../../packages/train/src/models/classification-head.js';
import type { EncoderConfig } from '../../packages/train/src/models/encoder-config.js';
import { buildInspectorLoss } from '../../packages/train/src/models/inspector-loss.js';
import { appendModel, importedWeights } from '../../packages/train/src/models/trainable-graph.js';
import { fingerprintOf } from '../../packages/train/src/tasks/fingerprint.js';
import { openInspectorBase } from '../../packages/train/src/tasks/inspector-base.js';
import { readInspectorData, type InspectorData } from '../../packages/train/src/tasks/inspector-data.js';
import { readBaseModel } from '../../packages/train/src/tasks/open-base.js';
import { scratch, type ResolvedTrainConfig } from '../../packages/train/src/tasks/train-config.js';
import { openWorkFolder } from '../../packages/train/src/tasks/work-folder.js';
import type { Batches, Dims, Job } from './job.js';

type BatchOptions = Omit<Parameters<typeof inspectorBatches>[1], 'criteria' | 'batchTokens' | 'random'>;

const defaultEpochs = 3;

/** The job of an inspector's training: its encoder from random weights, or one of `buildEncoderClassifier` with new heads. */
export async function inspectorJob(config: ResolvedTrainConfig): Promise<Job> {
  const data = await readInspectorData(config, undefined);
  const common = { config, fingerprint: fingerprintOf(config, data.hashes), checkpoint: 'encoder.safetensors', epochs: config.epochs ?? defaultEpochs };
  const part = config.base === scratch ? await scratchPart(config, common.fingerprint) : await basePart(config);
  const { options, ...rest } = part;
  const whole = data.held.map((record) => ({ ...record, weight: 1 }));
  return {
    ...common,
    ...rest,
    batches: (epoch) => batchesOf(data.training, config, { ...options, seed: config.seed + epoch }),
    // AUROC asks which records are labelled, and not how much they count.
    held: batchesOf(whole, config, { ...options, tokenDropout: 0, seed: config.seed }),
  };
}

type Part = Pick<Job, 'kind' | 'weights' | 'model' | 'peak' | 'firstShape' | 'build'> & { readonly options: BatchOptions };

function batchesOf(records: InspectorData['held'], config: ResolvedTrainConfig, { seed, ...options }: BatchOptions & { readonly seed: number }): Batches {
  const { criteria, batchTokens } = config;
  return inspectorBatches(records, { ...options, criteria: criteria.map(({ id }) => id), batchTokens, random: createRandom(seed) });
}

/** As in packages/train/src/tasks/train-scratch-inspector.ts, which has trained the tokenizer before. */
async function scratchPart(config: ResolvedTrainConfig, fingerprint: string): Promise<Part> {
  const work = await openWorkFolder(config.out, { fingerprint, restart: false });
  const tokenizer = await createTextTokenizer(await work.json('tokenizer', () => Promise.reject(new AlignSquadError('There is no tokenizer in the work folder.', { code: 'training-failed' }))));
  const { width = 128, layers = 4, attentionHeads = 4, feedForwardWidth = 512, maxTokens = 320, ngramBuckets = 65_536 } = config.inspector.shape ?? {};
  const specialIds = exchangeTokenIds((token) => tokenizer.tokenId(token));
  const criteria = config.criteria.map(({ id }) => id);
  const shape: EncoderConfig = { vocabularySize: tokenizer.vocabularySize, width, layers, attentionHeads, feedForwardWidth, maxTokens, ngramBuckets, criteria, specialIds };
  const limits = { maxTokens, promptTokens: Math.floor(maxTokens / 5), contextTokens: Math.max(8, Math.floor(maxTokens / 2) - 32) };
  const layout = createExchangeLayout({ ...memoize(tokenizer), tokenId: (token) => tokenizer.tokenId(token) }, { limits });
  const { pair = 0.5, sentence = 0.5 } = config.inspector.lossWeights ?? {};
  return {
    kind: 'inspector',
    weights: new Map(),
    model: { layers, heads: attentionHeads, special: specialIds, pair, sentence },
    peak: config.learningRate ?? 6e-4,
    firstShape: [2, 8],
    build: async (graph, weight, dims) => ({ loss: buildInspectorLoss(graph, weight, shape, pairOf(dims), { pair, sentence }) }),
    options: { layOut: layout.firstWindow, special: specialIds, maxTokens, tokenDropout: config.inspector.tokenDropout ?? 0.1 },
  };
}

/** As in packages/train/src/tasks/train-inspector-weights.ts. */
async function basePart(config: ResolvedTrainConfig): Promise<Part> {
  const base = await openInspectorBase(config.base);
  const model = await readBaseModel(base, ['onnx/model.onnx', 'model.onnx', 'onnx/model_quantized.onnx']);
  const features = base.inspector?.features ?? findFeatures(model);
  const body = selectOutputs(model, [features]);
  const imported = importModel(body);
  const width = await widthOf(body, features, base.layout.firstWindow({ response: 'a' }).ids);
  const heads = config.criteria.length;
  return {
    kind: 'encoder-classifier',
    weights: importedWeights(imported),
    model: base.config,
    peak: config.learningRate ?? 5e-5,
    firstShape: [2, 16],
    async build(graph, weight, given) {
      const dims = pairOf(given);
      const attentionMask = graph.input('attention_mask', dataType.int64, dims);
      const outputs = await appendModel(graph, weight, imported, { input_ids: graph.input('input_ids', dataType.int64, dims), attention_mask: attentionMask });
      const logits = classificationHead(graph, weight, { features: outputs[features] ?? '', attentionMask, width, heads });
      return { loss: binaryHeadsLoss(graph, { logits, dims, heads, weights: { pair: 0.5, sentence: 0 } }) };
    },
    options: { layOut: base.layout.firstWindow, special: base.layout.special, maxTokens: base.limits.maxTokens, tokenDropout: config.inspector.tokenDropout ?? 0 },
  };
}

async function widthOf(body: ModelProto, features: string, ids: readonly number[]): Promise<number> {
  await using session = await createSession(writeModel(body));
  const { [features]: output } = await session.run(encoderInputs(session, ids));
  if (output?.dims.length === 2) return output.dims[1] ?? 0;
  throw new AlignSquadError('The base is no encoder of `buildEncoderClassifier`: train it with `align-squad train`.', { code: 'invalid-options' });
}

function pairOf([batch = 2, sequence = 1]: Dims): readonly [number, number] {
  return [batch, sequence];
}
