import { auroc } from '@align-squad/eval';
import type { InspectorManifest } from '@align-squad/inspector';
import { createSession, type OnnxSession } from '@align-squad/onnx';
import { quantizeModel, selectOutputs, writeModel, type ModelProto } from '@align-squad/onnx/graph';
import type { InspectorRecord } from '../data/read-records.js';
import { calibrateHead } from '../inspector/calibrate-heads.js';
import { findFeatures } from '../inspector/find-features.js';
import { withHead, type HeadBase } from '../inspector/head-model.js';
import { headAurocs } from '../inspector/labelled-logits.js';
import { encoderInputs, scoreExchanges, type ScoredExchange } from '../inspector/score-exchanges.js';
import { fitHead, type FittedHead, type HeadExample } from '../linear/fit-head.js';
import { headWeightNames } from '../models/classification-head.js';
import type { Weights } from '../models/weights.js';
import type { TrainEvent } from '../trainer/train-event.js';
import { fingerprintOf } from './fingerprint.js';
import { inStage } from './in-stage.js';
import { openInspectorBase, type InspectorBase } from './inspector-base.js';
import { describeRecords, readInspectorData } from './inspector-data.js';
import { packManifest, toHead } from './inspector-pack.js';
import { readBaseModel } from './open-base.js';
import type { ResolvedTrainConfig } from './train-config.js';
import { writeInspectorPack } from './write-inspector-pack.js';

interface Embedded {
  readonly record: InspectorRecord;
  readonly features: Float32Array;
}

/**
 * Trains linear heads on a frozen encoder, which may be quantised, and merges them into its graph. Where the base is an
 * inspector pack, its own heads stay, so that one pass of the encoder serves all criteria.
 */
export async function* trainHead(config: ResolvedTrainConfig, { signal }: { readonly signal?: AbortSignal | undefined }): AsyncGenerator<TrainEvent> {
  const data = yield* inStage('read records', () => readInspectorData(config, signal));
  const base = await openInspectorBase(config.base);
  const model = await readBaseModel(base, ['onnx/model.onnx', 'onnx/model_quantized.onnx', 'model.onnx']);
  yield describeRecords(data, base.layout);
  const { embedded, shape } = yield* inStage('features', () => embed(model, base, data.training, config, signal));
  const heads = yield* inStage('heads', () => Promise.resolve(config.criteria.map(({ id }) => fitCriterion(embedded, id, config.seed))));
  const former = base.inspector?.heads.filter(({ criterion }) => !config.criteria.some(({ id }) => id === criterion)) ?? [];
  const keep = former.length > 0 && former.length === base.inspector?.heads.length;
  const merged = withHead({ model: renameFormerHeads(model, shape.features), ...shape }, { weights: toWeights(heads, shape.width), heads: heads.length, keep });
  const calibrated = heads.map((head, index) => calibrateOutOfFold(head, embedded, config, index));
  const section: InspectorManifest = {
    model: 'onnx/model_quantized.onnx',
    tokenizer: 'tokenizer.json',
    ...(base.tokens === undefined ? {} : { tokens: base.tokens }),
    features: shape.features,
    limits: base.limits,
    heads: [...(keep ? former : []), ...calibrated],
  };
  const criteria = section.heads.map(({ criterion }) => criterion);
  const score = (file: ModelProto): Promise<ScoredExchange[]> =>
    scoreExchanges(writeModel(file), data.held, { layOut: base.layout.firstWindow, heads: criteria.length, threads: config.threads, signal });
  const metrics = yield* inStage('evaluate', async () => trainedOnly(headAurocs(await score(quantizeModel(merged)), criteria), config));
  const fingerprint = fingerprintOf(config, data.hashes);
  await writeInspectorPack(config, base, {
    model: merged,
    manifest: packManifest(config, { inspector: section }, { fingerprint, dataSha256: data.hashes, metrics, measuredOn: data.held.length }),
    criteria,
    signal,
  });
  yield { type: 'pack-end', directory: config.out, metrics };
}

/** Runs the frozen encoder over all records. */
async function embed(
  model: ModelProto,
  base: InspectorBase,
  records: readonly InspectorRecord[],
  config: ResolvedTrainConfig,
  signal: AbortSignal | undefined,
): Promise<{ embedded: Embedded[]; shape: Pick<HeadBase, 'features' | 'rank' | 'width'> }> {
  const features = base.inspector?.features ?? findFeatures(model);
  await using session = await createSession(writeModel(selectOutputs(model, [features])), { threads: config.threads });
  const embedded: Embedded[] = [];
  let rank: 2 | 3 = 2;
  for (const record of records) {
    signal?.throwIfAborted();
    const vector = await featuresOf(session, base.layout.firstWindow(record.exchange).ids, features);
    rank = vector.rank;
    embedded.push({ record, features: vector.values });
  }
  return { embedded, shape: { features, rank, width: embedded[0]?.features.length ?? 0 } };
}

/** The features of one sequence; those a token are averaged, as the head does. */
async function featuresOf(session: OnnxSession, ids: readonly number[], name: string): Promise<{ values: Float32Array; rank: 2 | 3 }> {
  const { [name]: output } = await session.run(encoderInputs(session, ids));
  const data = Float32Array.from(output?.data ?? [], Number);
  if (output?.dims.length !== 3) return { values: data, rank: 2 };
  const width = output.dims[2] ?? 1;
  const mean = new Float32Array(width);
  data.forEach((value, at) => (mean[at % width] = (mean[at % width] ?? 0) + value / ids.length));
  return { values: mean, rank: 3 };
}

function fitCriterion(embedded: readonly Embedded[], criterion: string, seed: number): FittedHead {
  return fitHead(labelled(embedded, criterion), { seed, score: auroc });
}

function labelled(embedded: readonly Embedded[], criterion: string): HeadExample[] {
  return embedded.flatMap(({ record, features }) => {
    const label = record.labels[criterion];
    return label === undefined ? [] : [{ features, label: label >= 0.5, group: record.promptKey }];
  });
}

function toWeights(heads: readonly FittedHead[], width: number): Weights {
  const weight = Float32Array.from({ length: width * heads.length }, (_, at) => heads[at % heads.length]?.weight[Math.floor(at / heads.length)] ?? 0);
  return new Map([
    [headWeightNames.weight, { dims: [width, heads.length], data: weight }],
    [headWeightNames.bias, { dims: [heads.length], data: Float32Array.from(heads, ({ bias }) => bias) }],
  ]);
}

/** Calibrates on logits of records that were left out of the fit, so that few records are enough. */
function calibrateOutOfFold(head: FittedHead, embedded: readonly Embedded[], { criteria }: ResolvedTrainConfig, index: number): InspectorManifest['heads'][number] {
  const criterion = criteria[index] ?? { id: '' };
  const rows = embedded.filter(({ record }) => record.labels[criterion.id] !== undefined);
  const scored = rows.map(({ record }, at): ScoredExchange => ({ row: record, logits: [head.outOfFold[at] ?? 0], sentences: [] }));
  return toHead(criterion, calibrateHead(scored, criterion.id, 0, criterion.falsePositiveRate ?? 0.03));
}

/** A base that has been given heads before has the names that new ones take: they are freed. */
function renameFormerHeads(model: ModelProto, features: string): ModelProto {
  const { graph } = model;
  if (!graph.initializers.some(({ name }) => name === `head.${headWeightNames.weight}`)) return model;
  const taken = /^(former_)*head\.|^(former_)+(sentence_)?logits$/;
  const rename = (name: string): string => (name !== features && taken.test(name) ? `former_${name}` : name);
  const nodes = graph.nodes.map((node) => ({ ...node, name: rename(node.name), inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) }));
  const initializers = graph.initializers.map((tensor) => ({ ...tensor, name: rename(tensor.name) }));
  return { ...model, graph: { ...graph, nodes, initializers } };
}

function trainedOnly(aurocs: Readonly<Record<string, number>>, { criteria }: ResolvedTrainConfig): Record<string, number> {
  return Object.fromEntries(criteria.flatMap(({ id }) => (aurocs[id] === undefined ? [] : [[`auroc.${id}`, aurocs[id]]])));
}
