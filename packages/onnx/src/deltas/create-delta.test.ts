import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ModelProto } from '../graph/model.js';
import { writeModelFile } from '../graph/write-model-file.js';
import { openPack, type Pack } from '../pack/open-pack.js';
import { writePackManifest } from '../pack/write-manifest.js';
import { createDelta, type CreateDeltaEvent, type CreateDeltaOptions } from './create-delta.js';
import { modelDelta } from './delta.js';
import { smallModel, tuned } from './test-support.js';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

async function packOf(models: Readonly<Record<string, ModelProto>>, tokenizer = '{}'): Promise<Pack> {
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-delta-'));
  folders.push(folder);
  await mkdir(join(folder, 'onnx'));
  for (const [file, model] of Object.entries(models)) await writeModelFile(join(folder, file), model);
  await writeFile(join(folder, 'tokenizer.json'), tokenizer);
  const manifest = { schemaVersion: 1, name: 'polite', version: '2.0.0', language: 'en', license: 'Apache-2.0', aligner: { criteria: ['polite'] } } as const;
  await writePackManifest(folder, manifest, [...Object.keys(models), 'tokenizer.json']);
  return openPack(folder);
}

async function eventsOf(options: CreateDeltaOptions): Promise<CreateDeltaEvent[]> {
  const events: CreateDeltaEvent[] = [];
  for await (const event of createDelta(options)) events.push(event);
  return events;
}

const base = smallModel();
const [plain, fineTuned] = await Promise.all([packOf({ 'onnx/model.onnx': base, 'onnx/model_quantized.onnx': base }), packOf({ 'onnx/model.onnx': tuned(base, 1), 'onnx/model_quantized.onnx': base })]);

test('the delta of two packs has the float32 models of both, and what the tuned one serves', async () => {
  const events = await eventsOf({ base: plain, tuned: fineTuned, rank: 4 });
  const last = events.at(-1);
  if (last?.type !== 'end') throw new TypeError('no end');
  expect(last.delta.pack).toEqual({ name: 'polite', version: '2.0.0', aligner: { criteria: ['polite'] } });
  expect(last.delta.models.map(({ file }) => file)).toEqual(['onnx/model.onnx']);
  expect(events.slice(0, -1).map((event) => (event.type === 'tensor-end' ? [event.done, event.total] : []))).toEqual([1, 2, 3, 4, 5, 6].map((done) => [done, 6]));
  const first = modelDelta(last.delta, 'onnx/model.onnx').tensors.find(({ name }) => name === 'first');
  expect(first?.form).toEqual({ kind: 'low-rank', groups: [{ rank: 1, bits: 8 }, { rank: 1, bits: 4 }, { rank: 2, bits: 2 }] });
  expect(() => modelDelta(last.delta, 'onnx/other.onnx')).toThrow(expect.objectContaining({ code: 'pack-invalid' }) as Error);
});

test('the same seed gives the same delta', async () => {
  const run = (): Promise<CreateDeltaEvent[]> => eventsOf({ base: plain, tuned: fineTuned, rank: 4, seed: 3 });
  expect(await run()).toEqual(await run());
});

test('packs of different tokenizers are refused', async () => {
  const other = await packOf({ 'onnx/model.onnx': tuned(base, 1) }, '{"other":1}');
  await expect(eventsOf({ base: plain, tuned: other })).rejects.toMatchObject({ code: 'pack-invalid', message: expect.stringContaining('tokenizer.json') as string });
});

test('packs without a float32 model in common are refused', async () => {
  const other = await packOf({ 'onnx/model_quantized.onnx': base });
  await expect(eventsOf({ base: plain, tuned: other })).rejects.toMatchObject({ code: 'pack-invalid' });
});

test.each<[string, object]>([
  ['a rank of 0', { rank: 0 }],
  ['groups of 5 bits', { groups: [{ rank: 1, bits: 5 }] }],
  ['no groups', { groups: [] }],
  ['rank and groups', { rank: 2, groups: [{ rank: 1, bits: 8 }] }],
  ['an unknown option', { precision: 2 }],
])('%s is refused', async (_what, budget) => {
  await expect(eventsOf({ base: plain, tuned: fineTuned, ...budget })).rejects.toMatchObject({ code: 'invalid-options' });
});

test.each<[number, unknown]>([
  [1, [{ rank: 1, bits: 8 }]],
  [3, [{ rank: 1, bits: 8 }, { rank: 1, bits: 4 }, { rank: 1, bits: 2 }]],
  [12, [{ rank: 1, bits: 8 }, { rank: 3, bits: 4 }, { rank: 8, bits: 2 }]],
])('a rank of %i is split by precision', async (rank, groups) => {
  const last = (await eventsOf({ base: plain, tuned: fineTuned, rank })).at(-1);
  expect(last?.type === 'end' && last.delta.models[0]?.tensors.find(({ name }) => name === 'embedding')?.form).toEqual({ kind: 'low-rank', groups });
});
