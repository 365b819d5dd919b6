import { createRandom } from '@align-squad/core';
import type { InspectorManifest } from '@align-squad/inspector';
import { createSession } from '@align-squad/onnx';
import {
  addLora,
  dataType,
  importModel,
  requireFloatModel,
  selectOutputs,
  writeModel,
  type GraphBuilder,
  type ImportedModel,
  type ModelProto,
} from '@align-squad/onnx/graph';
import { inspectorBatches } from '../data/inspector-batches.js';
import { findFeatures } from '../inspector/find-features.js';
import { withHead } from '../inspector/head-model.js';
import { headAurocs } from '../inspector/labelled-logits.js';
import { encoderInputs, scoreExchanges } from '../inspector/score-exchanges.js';
import { binaryHeadsLoss } from '../losses/binary-heads-loss.js';
import { classificationHead, headWeightNames } from '../models/classification-head.js';
import { appendModel, importedWeights } from '../models/trainable-graph.js';
import type { DeclareWeight, Weights } from '../models/weights.js';
import type { TrainEvent } from '../trainer/train-event.js';
import { trainLoop } from '../trainer/train-loop.js';
import { createTrainingStep } from '../trainer/training-step.js';
import { fingerprintOf } from './fingerprint.js';
import { inStage } from './in-stage.js';
import { openInspectorBase, type InspectorBase } from './inspector-base.js';
import { describeRecords, readInspectorData, type InspectorData } from './inspector-data.js';
import { measureInspector, packManifest } from './inspector-pack.js';
import { readBaseModel } from './open-base.js';
import type { ResolvedTrainConfig } from './train-config.js';
import { openWorkFolder } from './work-folder.js';
import { writeInspectorPack } from './write-inspector-pack.js';

const defaultEpochs = 3;
const learningRates = { lora: 1e-3, full: 5e-5, head: 1e-3 } as const;

interface Network {
  readonly body: ImportedModel;
  readonly isTrained: (name: string) => boolean;
  readonly features: string;
  readonly rank: 2 | 3;
  readonly width: number;
  readonly hasTypes: boolean;
  /** The whole model with trained weights. */
  readonly export: (weights: Weights) => ModelProto;
}

/** Trains the weights of a base encoder, all of them or low-rank adapters (LoRA, Hu et al. 2021), with new heads. */
export async function* trainInspectorWeights(
  config: ResolvedTrainConfig,
  { signal }: { readonly signal?: AbortSignal | undefined },
): AsyncGenerator<TrainEvent> {
  const data = yield* inStage('read records', () => readInspectorData(config, signal));
  const base = await openInspectorBase(config.base);
  const model = await readBaseModel(base, ['onnx/model.onnx', 'model.onnx', 'onnx/model_quantized.onnx']);
  requireFloatModel(model);
  const fingerprint = fingerprintOf(config, data.hashes);
  const work = await openWorkFolder(config.out, { fingerprint, restart: config.restart });
  const network = await openNetwork(model, base, config);
  const criteria = config.criteria.map(({ id }) => id);
  const layOut = base.layout.firstWindow;
  const weights = importedWeights(network.body);
  yield describeRecords(data, base.layout);
  const stage = config.method === 'lora' ? 'adapters' : 'encoder';
  const started = performance.now();
  yield { type: 'stage-start', stage };
  const step = await createTrainingStep({
    weights,
    random: createRandom(config.seed),
    firstShape: [2, 16] as readonly [number, number],
    buildLoss: (graph, weight, dims) => buildLoss(graph, weight, { network, heads: criteria.length, dims }),
    trainable: network.isTrained,
    threads: config.threads,
    weightDecay: config.weightDecay,
  });
  try {
    yield* trainLoop({
      step,
      weights,
      epochs: config.epochs ?? defaultEpochs,
      schedule: { peak: config.learningRate ?? learningRates[config.method], warmupShare: config.warmupShare },
      accumulation: config.accumulation,
      epochBatches: (epoch) =>
        inspectorBatches(data.training, {
          layOut,
          criteria,
          special: base.layout.special,
          maxTokens: base.limits.maxTokens,
          batchTokens: config.batchTokens,
          tokenDropout: config.inspector.tokenDropout ?? 0,
          random: createRandom(config.seed + epoch),
        }),
      async evaluate(current) {
        const metrics = headAurocs(await scoreExchanges(writeModel(network.export(current)), data.held, { layOut, heads: criteria.length, threads: config.threads, signal }), criteria);
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
  yield { type: 'stage-end', stage, seconds: (performance.now() - started) / 1000 };
  yield await writeTrained(network.export(weights), base, { config, data, fingerprint, features: network.features, signal });
  await work.remove();
}

interface Finished {
  readonly config: ResolvedTrainConfig;
  readonly data: InspectorData;
  readonly fingerprint: string;
  readonly features: string;
  readonly signal: AbortSignal | undefined;
}

async function writeTrained(trained: ModelProto, base: InspectorBase, { config, data, fingerprint, features, signal }: Finished): Promise<TrainEvent> {
  const measured = await measureInspector(trained, data.held, { config, layOut: base.layout.firstWindow, criteria: config.criteria, signal });
  const section: InspectorManifest = {
    model: 'onnx/model_quantized.onnx',
    tokenizer: 'tokenizer.json',
    ...(base.tokens === undefined ? {} : { tokens: base.tokens }),
    features,
    limits: base.limits,
    heads: measured.heads,
  };
  const { metrics } = measured;
  const manifest = packManifest(config, { inspector: section }, { fingerprint, dataSha256: data.hashes, metrics, measuredOn: data.held.length });
  await writeInspectorPack(config, base, { model: trained, manifest, criteria: config.criteria.map(({ id }) => id), signal });
  return { type: 'pack-end', directory: config.out, metrics };
}

async function openNetwork(model: ModelProto, base: InspectorBase, config: ResolvedTrainConfig): Promise<Network> {
  const features = base.inspector?.features ?? findFeatures(model);
  const body = selectOutputs(model, [features]);
  const { rank, width } = await probe(body, base, features);
  const heads = config.criteria.length;
  const lora = config.method === 'lora' ? addLora(body, { rank: config.loraRank, random: createRandom(config.seed) }) : undefined;
  const imported = importModel(lora?.model ?? body);
  const isHead = (name: string): boolean => Object.values(headWeightNames).some((own) => own === name);
  return {
    body: imported,
    isTrained: lora === undefined ? () => true : (name) => isHead(name) || lora.names.includes(name),
    features,
    rank,
    width,
    hasTypes: imported.inputs.some(({ name }) => name === 'token_type_ids'),
    export(weights) {
      const values = new Map([...weights].map(([name, { data }]) => [name, data]));
      const merged = lora === undefined ? imported.export(weights) : lora.merge(values);
      return withHead({ model: merged, features, rank, width }, { weights, heads, keep: false });
    },
  };
}

/** Rank and width of the features, from one short sequence. */
async function probe(body: ModelProto, base: InspectorBase, features: string): Promise<Pick<Network, 'rank' | 'width'>> {
  await using session = await createSession(writeModel(body));
  const { ids } = base.layout.firstWindow({ response: 'a' });
  const { [features]: output } = await session.run(encoderInputs(session, ids));
  return { rank: output?.dims.length === 3 ? 3 : 2, width: output?.dims.at(-1) ?? 0 };
}

interface LossRequest {
  readonly network: Network;
  readonly heads: number;
  readonly dims: readonly [number, number];
}

async function buildLoss(graph: GraphBuilder, weight: DeclareWeight, { network, heads, dims }: LossRequest): Promise<string> {
  const attentionMask = graph.input('attention_mask', dataType.int64, dims);
  const inputs = {
    input_ids: graph.input('input_ids', dataType.int64, dims),
    attention_mask: attentionMask,
    ...(network.hasTypes ? { token_type_ids: graph.op('Expand', [graph.int(0), graph.int(dims)]) } : {}),
  };
  const outputs = await appendModel(graph, weight, network.body, inputs);
  const logits = classificationHead(graph, weight, { features: outputs[network.features] ?? '', attentionMask, width: network.width, heads });
  return binaryHeadsLoss(graph, { logits, dims, heads, weights: { pair: 0.5, sentence: 0 } });
}
