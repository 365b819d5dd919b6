import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { createRandom } from '@align-squad/core';
import type { Tensor } from '@align-squad/onnx';
import { GraphBuilder } from '@align-squad/onnx/graph';
import { declareOnce } from '../../packages/train/src/models/trainable-graph.js';
import { writeWeights } from '../../packages/train/src/models/weight-file.js';
import { trainableWeights, type Weights } from '../../packages/train/src/models/weights.js';
import { createLossEvaluator, type BuildValues } from '../../packages/train/src/tasks/loss-evaluator.js';
import type { ResolvedTrainConfig } from '../../packages/train/src/tasks/train-config.js';
import type { TrainBatch } from '../../packages/train/src/trainer/train-batch.js';

/** Shape of a batch. */
export type Dims = readonly number[];

/** The batches of an epoch, in order. */
export type Batches = readonly TrainBatch<Dims>[];

/** The scripts, by the kind of model that each trains. */
export type JobKind = 'decoder' | 'encoder-decoder' | 'edit-tagger' | 'inspector' | 'encoder-classifier';

/** What a training does between its start weights and its best ones. */
export interface Job {
  readonly kind: JobKind;
  readonly config: ResolvedTrainConfig;
  readonly fingerprint: string;
  /** Name of the checkpoint in the work folder. */
  readonly checkpoint: string;
  /** Start weights that are there; the others are made as the loss asks for them. */
  readonly weights: Weights;
  /** What the script needs to know of the model beside its weights. */
  readonly model: object;
  readonly epochs: number;
  readonly peak: number;
  readonly firstShape: Dims;
  readonly build: BuildValues<Dims>;
  /** Batches of an epoch, from 1. */
  readonly batches: (epoch: number) => Batches;
  readonly held: Batches;
}

/** What stands in plan.json. */
export interface Plan {
  readonly steps: number;
  readonly parameters: number;
  /** Of the first batch with the start weights, as our graph has it. */
  readonly firstLoss: number;
}

/** Start weights, batches and plan.json, in the folder `gpu` of the work folder. */
export async function writeJob(job: Job, work: string): Promise<Plan> {
  const folder = join(work, 'gpu');
  await mkdir(folder, { recursive: true });
  const weights = await startWeights(job);
  await writeWeights(join(folder, 'start.safetensors'), weights);
  await writeBatches(job, join(folder, 'batches.bin'));
  const { config, kind, model, fingerprint, checkpoint, epochs, peak } = job;
  const updates = (epoch: number): number => Math.ceil(job.batches(epoch).length / config.accumulation);
  const plan: Plan = {
    steps: updates(1) + (epochs > 1 ? (epochs - 1) * updates(2) : 0),
    parameters: [...weights.values()].reduce((sum, { data }) => sum + data.length, 0),
    firstLoss: await firstLoss(job, weights),
  };
  const { warmupShare, weightDecay, accumulation, patience, checkpointEverySteps, threads, evaluateEverySteps = 0 } = config;
  const settings = { warmupShare, weightDecay, accumulation, patience, checkpointEverySteps, threads, evaluateEverySteps };
  await writeFile(join(folder, 'plan.json'), `${JSON.stringify({ kind, model, fingerprint, checkpoint, epochs, peak, ...settings, ...plan }, null, 2)}\n`);
  return plan;
}

/** The weights that the loss reaches, as a training in Node starts with them. */
export async function startWeights({ weights, config, build, firstShape }: Pick<Job, 'weights' | 'config' | 'build' | 'firstShape'>): Promise<Weights> {
  const found: Weights = new Map(weights);
  const reached = new Set<string>();
  const graph = new GraphBuilder();
  const declare = trainableWeights(graph, found, createRandom(config.seed));
  await build(graph, declareOnce((name, dims, start) => (reached.add(name), declare(name, dims, start))), firstShape);
  return new Map([...found].filter(([name]) => reached.has(name)));
}

async function firstLoss({ build, batches, config }: Job, weights: Weights): Promise<number> {
  const [first] = batches(1);
  const evaluator = createLossEvaluator<Dims>(build, config);
  try {
    return first === undefined ? 0 : ((await evaluator.evaluate(first, weights))['loss']?.[0] ?? 0);
  } finally {
    await evaluator.dispose();
  }
}

/** One line of JSON a batch, then its inputs, deflated; epoch 0 is held out. */
async function writeBatches({ batches, held, epochs }: Job, path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let epoch = 0; epoch <= epochs; epoch++) {
      for (const batch of epoch === 0 ? held : batches(epoch)) {
        const inputs = Object.entries(batch.inputs);
        const bytes = deflateSync(Buffer.concat(inputs.map(([, tensor]) => narrow(tensor))), { level: 1 });
        const shapes = inputs.map(([name, { type, dims }]) => [name, type, dims]);
        await file.appendFile(`${JSON.stringify({ epoch, bytes: bytes.length, tokens: batch.tokens, weight: batch.weight ?? 1, inputs: shapes })}\n`);
        await file.appendFile(bytes);
      }
    }
  } finally {
    await file.close();
  }
}

/** Ids fit in 32 bits. */
function narrow({ data }: Tensor): Buffer {
  const values = data instanceof BigInt64Array ? Int32Array.from(data, Number) : Float32Array.from(data, Number);
  return Buffer.from(values.buffer);
}
