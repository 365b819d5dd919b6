import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createRandom } from '@align-squad/core';
import { writeCheckpoint } from '../../packages/train/src/trainer/checkpoint.js';
import { readWeights } from '../../packages/train/src/models/weight-file.js';
import { huggingFaceConfig } from '../../packages/train/src/packs/hugging-face-config.js';
import { exchangeTokens } from '@align-squad/inspector';
import { createTextTokenizer } from '@align-squad/onnx';
import { writeModelFile } from '@align-squad/onnx/graph';
import { buildEncoderClassifier } from '../../packages/train/src/models/encoder-classifier.js';
import { trainByteLevelBpe } from '../../packages/train/src/tokenizer/train-bpe.js';
import type { JobKind } from './job.js';

/** A Python with torch and numpy; undefined where there is none. */
export const python = ['python3', '/usr/bin/python3'].find((name) => spawnSync(name, ['-c', 'import torch, numpy'], { stdio: 'ignore' }).status === 0);

const names = ['river', 'house', 'cloud', 'train', 'garden', 'winter', 'paper', 'engine', 'forest', 'market', 'bridge', 'letter'];

/** Short triples, an identity among them every fourth time. */
export const triples = names.flatMap((name, index) => {
  const prompt = `What is a ${name}?`;
  const aligned = `A ${name} is a thing. It has ${index} parts.`;
  const context = index % 3 === 0 ? `A ${name} has ${index} parts.` : undefined;
  const wrong = `A ${name} is bad. It has ${index} parts.${index % 2 === 0 ? ' You are bad.' : ''}`;
  const triple = { criterion: 'kind', prompt, context, misaligned: wrong, aligned };
  return index % 4 === 3 ? [triple, { ...triple, misaligned: aligned, identity: true }] : [triple];
});

const tiny = { width: 16, layers: 2, feedForwardWidth: 24, vocabularySize: 320 };
const aligner = { task: 'aligner', aligner: { shape: { ...tiny, attentionHeads: 4, keyValueHeads: 2, phrases: 4 }, maxTokens: 128 } };

/** Configurations of tiny models; that of the last kind stops early. */
export const configs: Readonly<Record<JobKind, object>> = {
  decoder: aligner,
  'encoder-decoder': { ...aligner, aligner: { ...aligner.aligner, design: 'encoder-decoder' } },
  'edit-tagger': { ...aligner, aligner: { ...aligner.aligner, design: 'edit-tagger' }, accumulation: 1, batchTokens: 128, evaluateEverySteps: 2 },
  inspector: { task: 'inspector', inspector: { shape: { ...tiny, attentionHeads: 2, maxTokens: 96, ngramBuckets: 64 } } },
  'encoder-classifier': { task: 'inspector', base: './base', method: 'full', epochs: 3, patience: 1 },
};

/** Writes data, configuration and, where it is named, the base into a folder; gives the path of the configuration. */
export async function writeConfig(folder: string, kind: JobKind): Promise<string> {
  await writeFile(join(folder, 'data.jsonl'), triples.map((triple) => JSON.stringify(triple)).join('\n'));
  const settings = { data: ['data.jsonl'], criteria: [{ id: 'kind' }], out: 'pack', epochs: 2, learningRate: 3e-3, devShare: 0.3, batchTokens: 160, accumulation: 2, weightDecay: 1 };
  await writeFile(join(folder, 'train.json'), JSON.stringify({ ...settings, ...configs[kind] }));
  if (kind === 'encoder-classifier') await writeBase(join(folder, 'base'));
  return join(folder, 'train.json');
}

async function writeBase(folder: string): Promise<void> {
  const specialTokens = Object.values(exchangeTokens);
  const tokenizerJson = trainByteLevelBpe(triples.map(({ aligned }) => aligned), { vocabularySize: 300, specialTokens });
  const tokenizer = await createTextTokenizer(tokenizerJson);
  const shape = { vocabularySize: tokenizer.vocabularySize, width: 16, layers: 2, attentionHeads: 4, feedForwardWidth: 24, maxTokens: 96 };
  const json = huggingFaceConfig('classifier', { shape, tokenizer, labels: ['LABEL_0'], multiLabel: true });
  await mkdir(join(folder, 'onnx'), { recursive: true });
  await writeModelFile(join(folder, 'onnx/model.onnx'), buildEncoderClassifier({ ...shape, labels: 1 }, createRandom(5)));
  for (const [file, value] of Object.entries({ ...json, 'tokenizer.json': tokenizerJson })) await writeFile(join(folder, file), JSON.stringify(value));
}

/** Puts a checkpoint of no steps into the work folder, with weights far from their start, so that no part of a model hides. */
export async function disturbStart(work: string, checkpoint: string, fingerprint: string): Promise<void> {
  const random = createRandom(11);
  const weights = await readWeights(join(work, 'gpu/start.safetensors'));
  const values = new Map([...weights].map(([name, { data }]) => [name, data.map((value) => value + 0.2 * random.normal())]));
  const zeros = new Map([...values].map(([name, { length }]) => [name, new Float32Array(length)]));
  const state = { updates: 0, values, firstMoments: zeros, secondMoments: zeros };
  await writeCheckpoint(join(work, checkpoint), fingerprint, { position: { step: 0, epoch: 1, updates: 0, stale: 0 }, state });
}

/** An event of a script. */
export interface ScriptEvent {
  readonly type: string;
  readonly loss?: number;
  readonly expected?: number;
  readonly learningRate?: number;
  readonly gradientNorm?: number;
}

/** Runs a script and gives its events. */
export async function runScript(kind: JobKind, options: readonly string[]): Promise<ScriptEvent[]> {
  const script = fileURLToPath(new URL(`${kind.replace('-', '_')}.py`, import.meta.url));
  const { stdout } = await promisify(execFile)(python ?? '', [script, '--device', 'cpu', ...options], { env: { ...process.env, NODE: process.execPath, PYTHONDONTWRITEBYTECODE: '1' } });
  return stdout.trim().split('\n').map((line) => JSON.parse(line) as ScriptEvent);
}

/** A copy of the work folder, as it would be taken to another machine. */
export async function copyWork(work: string): Promise<string> {
  await cp(work, `${work}.copy`, { recursive: true });
  return `${work}.copy`;
}
