import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@align-squad/core';
import { auroc } from '@align-squad/eval';
import { createPackInspector, exchangeTokens } from '@align-squad/inspector';
import { createTextTokenizer, openPack } from '@align-squad/onnx';
import { readModelFile, writeModelFile, type WriteModelFileOptions } from '@align-squad/onnx/graph';
import { afterAll, beforeAll } from 'vitest';
import { toLines } from '../data/test-support.js';
import { buildEncoderClassifier } from '../models/encoder-classifier.js';
import { huggingFaceConfig } from '../packs/hugging-face-config.js';
import { trainByteLevelBpe } from '../tokenizer/train-bpe.js';
import type { TrainEvent } from '../trainer/train-event.js';
import type { AlignerDesign } from './aligner-settings.js';
import { runTask } from './run-task.js';
import type { TrainConfig } from './train-config.js';

const topics = ['tea', 'maps', 'bread', 'rain', 'bikes', 'moss', 'tents', 'kites', 'boats', 'soup', 'chess', 'wool'];

/** A folder that lasts as long as the tests of a file; returns what makes a path in it. */
export function useFolder(): (name: string) => string {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'align-squad-tasks-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  return (name) => join(folder, name);
}

/** A polite and a rude answer to a question on each topic. */
export const politeRecords = topics.flatMap((topic) => [
  { prompt: `Tell me about ${topic}.`, response: `Here is what I know of ${topic}, happy to help.`, label: 0 },
  { prompt: `Tell me about ${topic}.`, response: `Look ${topic} up yourself, you lazy fool.`, label: 1 },
]);

/** Answers with an insult, and what they are without it; two that have none. */
export const corrections = topics.map((topic, index) => ({
  prompt: `And ${topic}?`,
  response: `I like ${topic}${index % 6 === 5 ? '' : ' dear fool'} indeed.`,
  correction: `I like ${topic} indeed.`,
}));

/** Writes records as a data file and returns its path. */
export async function writeData(path: string, records: readonly object[]): Promise<string> {
  await writeFile(path, toLines(...records));
  return path;
}

/** A tiny inspector of politeness. */
export function inspectorConfig(data: string, out: string, changes: Partial<TrainConfig> = {}): TrainConfig {
  return {
    task: 'inspector',
    data: [data],
    criteria: [{ id: 'polite' }],
    devShare: 0.25,
    out,
    epochs: 2,
    inspector: { shape: { width: 16, layers: 1, attentionHeads: 2, feedForwardWidth: 24, maxTokens: 64, ngramBuckets: 256, vocabularySize: 320 } },
    ...changes,
  };
}

/** A tiny aligner for politeness. */
export function alignerConfig(data: string, out: string, design: AlignerDesign, changes: Partial<TrainConfig> = {}): TrainConfig {
  const { aligner, ...others } = changes;
  return {
    task: 'aligner',
    data: [data],
    criteria: [{ id: 'polite' }],
    devShare: 0.25,
    out,
    epochs: 2,
    learningRate: 3e-3,
    aligner: { design, maxTokens: 64, shape: { width: 16, layers: 1, attentionHeads: 2, feedForwardWidth: 24, vocabularySize: 300 }, ...aligner },
    ...others,
  };
}

/** Runs a training in this thread and returns what it says. */
export async function eventsOf(config: object, signal?: AbortSignal): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of runTask(config, { signal })) events.push(event);
  return events;
}

/** The events of a type. */
export function ofType<T extends TrainEvent['type']>(events: readonly TrainEvent[], type: T): Extract<TrainEvent, { type: T }>[] {
  return events.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type);
}

/** Metrics of the pack that a training made. */
export function metricsOf(events: readonly TrainEvent[]): Readonly<Record<string, number>> {
  return ofType(events, 'pack-end')[0]?.metrics ?? {};
}

/** AUROC of a pack's verdicts of one criterion. */
export async function aurocOf(pack: string, criterion: string, records = politeRecords): Promise<number> {
  await using inspector = await createPackInspector(await openPack(pack));
  const inspections = await inspector.inspect(records.map(({ prompt, response }) => ({ prompt, response })), { criteria: [criterion] });
  return auroc(inspections.map(({ [criterion]: verdict }) => verdict?.misalignment ?? Number.NaN), records.map(({ label }) => label === 1));
}

/** The weights of a graph. */
export interface GraphWeights {
  readonly bytes: ReadonlyMap<string, Buffer>;
  /** Names of the matrices that something is multiplied with. */
  readonly products: readonly string[];
}

/** Reads the weights of a pack's graph. */
export async function weightsIn(pack: string, file = 'onnx/model.onnx'): Promise<GraphWeights> {
  const { graph } = await readModelFile(join(pack, file));
  const bytes = new Map(graph.initializers.map(({ name, bytes: values }) => [name, Buffer.from(values ?? [])]));
  const products = graph.nodes.flatMap(({ operator, inputs }) => (['MatMul', 'Gemm'].includes(operator) ? inputs.filter((name) => bytes.has(name)) : []));
  return { bytes, products };
}

/** Names of the weights of `before` that `after` has too, with other values. */
export function changedWeights(before: GraphWeights, after: GraphWeights): string[] {
  return [...before.bytes].flatMap(([name, bytes]) => (after.bytes.get(name)?.equals(bytes) === false ? [name] : []));
}

/** Writes an encoder in the Hugging Face layout, with random weights, whose classifier knows one label. */
export async function writeEncoderFolder(folder: string, texts: readonly string[], options: WriteModelFileOptions & { readonly width?: number } = {}): Promise<void> {
  const { width = 16, ...files } = options;
  await mkdir(join(folder, 'onnx'), { recursive: true });
  const json = trainByteLevelBpe(texts, { vocabularySize: 320, specialTokens: Object.values(exchangeTokens) });
  const tokenizer = await createTextTokenizer(json);
  const shape = { vocabularySize: tokenizer.vocabularySize, width, layers: 1, attentionHeads: 2, feedForwardWidth: 24, maxTokens: 64 };
  const model = buildEncoderClassifier({ ...shape, labels: 1 }, createRandom(1));
  await writeModelFile(join(folder, 'onnx/model.onnx'), model, files);
  const described = { 'tokenizer.json': json, ...huggingFaceConfig('classifier', { shape, tokenizer, labels: ['a label'] }) };
  for (const [name, value] of Object.entries(described)) await writeFile(join(folder, name), JSON.stringify(value));
}
