import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@align-squad/core';
import { createSession, openPack } from '@align-squad/onnx';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildEncoderClassifier } from '../models/encoder-classifier.js';
import { writePack, type PackContents } from './write-pack.js';

const shape = { vocabularySize: 40, width: 32, layers: 1, attentionHeads: 2, feedForwardWidth: 64, maxTokens: 16, labels: 2 };
const contents: PackContents = {
  manifest: { schemaVersion: 1, name: 'demo', version: '1.0.0', language: 'en', license: 'Apache-2.0', description: 'A demo.' },
  models: { 'onnx/model.onnx': buildEncoderClassifier(shape, createRandom(1)) },
  tokenizer: { model: 'none' },
  json: { 'config.json': { model_type: 'bert' }, 'lists/phrases.json': { phrases: [] } },
  binary: { 'vectors.bin': Uint8Array.of(1, 2, 3) },
};

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'align-squad-write-pack-'));
  folder = join(parent, 'packs', 'demo');
});

afterEach(() => rm(parent, { recursive: true }));

const failure = (code: string): unknown => expect.objectContaining({ code });

/** Everything beside the pack: a temporary folder left behind would show. */
const besides = (): Promise<string[]> => readdir(join(parent, 'packs')).catch(() => []);

test('writes what opens as a pack, models in float32 and int8', async () => {
  const manifest = await writePack(folder, contents);
  const pack = await openPack(folder);
  expect(pack.manifest).toEqual(manifest);
  expect(Object.keys(manifest.files)).toEqual(
    ['config.json', 'lists/phrases.json', 'onnx/model.onnx', 'onnx/model_quantized.onnx', 'tokenizer.json', 'vectors.bin'],
  );
  expect(await pack.readJson('tokenizer.json')).toEqual({ model: 'none' });
  expect(await pack.readBytes('vectors.bin')).toEqual(Buffer.from([1, 2, 3]));
  const [full, small] = ['onnx/model.onnx', 'onnx/model_quantized.onnx'].map((file) => manifest.files[file]?.bytes ?? 0);
  expect(small).toBeLessThan((full ?? 0) / 2);
  for (const file of ['onnx/model.onnx', 'onnx/model_quantized.onnx']) await (await createSession(pack.path(file))).dispose();
  expect(await besides()).toEqual(['demo']);
});

test('without the float32 files tells transformers.js to load int8', async () => {
  const { files } = await writePack(folder, { ...contents, fp32: false });
  expect(Object.keys(files).filter((file) => file.startsWith('onnx/'))).toEqual(['onnx/model_quantized.onnx']);
  expect(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))).toEqual({ model_type: 'bert', 'transformers.js_config': { dtype: 'q8' } });
});

test('puts large constants beside their models and tells transformers.js so', async () => {
  const { files } = await writePack(folder, { ...contents, externalDataFrom: 0 });
  const names = ['model.onnx', 'model.onnx_data', 'model_quantized.onnx', 'model_quantized.onnx_data'];
  expect(Object.keys(files).filter((file) => file.startsWith('onnx/'))).toEqual(names.map((name) => `onnx/${name}`));
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as unknown;
  const format = { 'model.onnx': 1, 'model_quantized.onnx': 1 };
  expect(config).toEqual({ model_type: 'bert', 'transformers.js_config': { use_external_data_format: format } });
});

test('drops what the config of a base model said of its own files', async () => {
  const config = { model_type: 'bert', 'transformers.js_config': { use_external_data_format: true } };
  await writePack(folder, { ...contents, json: { 'config.json': config } });
  expect(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))).toEqual({ model_type: 'bert' });
});

describe('a folder that exists', () => {
  test('and is empty is filled', async () => {
    await mkdir(folder, { recursive: true });
    await writePack(folder, contents);
    expect((await openPack(folder)).manifest.name).toBe('demo');
    expect(await besides()).toEqual(['demo']);
  });

  test('and holds a pack is replaced as a whole', async () => {
    await writePack(folder, contents);
    await writePack(folder, { ...contents, models: {}, binary: {} });
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'lists', 'pack.json', 'tokenizer.json']);
    expect(await besides()).toEqual(['demo']);
  });

  test('and holds a pack behind a link stays behind the link', async () => {
    await writePack(folder, contents);
    await symlink(folder, join(parent, 'link'));
    await writePack(join(parent, 'link'), { ...contents, binary: {} });
    expect(await readdir(folder)).not.toContain('vectors.bin');
  });

  test('and holds other files is refused and left as it is', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'thesis.txt'), 'the only copy');
    await expect(writePack(folder, contents)).rejects.toEqual(failure('pack-invalid'));
    expect(await readdir(folder)).toEqual(['thesis.txt']);
    expect(await besides()).toEqual(['demo']);
  });

  test('and is a file is refused', async () => {
    await writeFile(join(parent, 'packs'), 'a file');
    await expect(writePack(join(parent, 'packs'), contents)).rejects.toEqual(failure('pack-invalid'));
    await expect(writePack(folder, contents)).rejects.toEqual(failure('pack-invalid'));
  });
});

describe('a failed write', () => {
  beforeEach(async () => {
    await writePack(folder, contents);
  });

  afterEach(async () => {
    expect((await openPack(folder)).manifest.version).toBe('1.0.0');
    expect(await besides()).toEqual(['demo']);
  });

  test.each<[string, string, Partial<PackContents>]>([
    ['an invalid manifest', 'pack-invalid', { manifest: { ...contents.manifest, name: '' } }],
    ['a path that leads out', 'pack-path-outside', { json: { '../secret.json': {} } }],
    ['a file in place of a folder', 'pack-invalid', { json: { onnx: {} } }],
    ['pack.json among the files', 'pack-invalid', { json: { 'pack.json': {} } }],
  ])('for %s leaves the former pack', async (_, code, change) => {
    const manifest = { ...contents.manifest, version: '2.0.0' };
    await expect(writePack(folder, { ...contents, manifest, ...change })).rejects.toEqual(failure(code));
  });

  test('by an abort leaves the former pack and rejects with its reason', async () => {
    const controller = new AbortController();
    const reason = new RangeError('stop');
    const pending = writePack(folder, { ...contents, manifest: { ...contents.manifest, version: '2.0.0' }, signal: controller.signal });
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
  });
});
