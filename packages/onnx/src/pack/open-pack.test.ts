import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPack } from './open-pack.js';
import { writePackManifest } from './write-manifest.js';

const card = { schemaVersion: 1, name: 'demo', version: '1.2.3', language: 'en', license: 'Apache-2.0' } as const;

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'align-squad-pack-'));
  folder = join(parent, 'pack');
  await mkdir(join(folder, 'onnx'), { recursive: true });
  await writeFile(join(folder, 'config.json'), '{"size":3}');
  await writeFile(join(folder, 'onnx', 'model.onnx'), Buffer.alloc(100_000, 7));
  await writeFile(join(folder, 'unlisted.txt'), 'not part of the pack');
  await writeFile(join(parent, 'secret.txt'), 'outside');
});

afterEach(() => rm(parent, { recursive: true }));

async function pack(files: readonly string[] = ['config.json', 'onnx/model.onnx']): Promise<void> {
  await writePackManifest(folder, card, files);
}

async function writeRaw(manifest: unknown): Promise<void> {
  await writeFile(join(folder, 'pack.json'), typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
}

function entry(content: string): { sha256: string; bytes: number } {
  return { sha256: createHash('sha256').update(content).digest('hex'), bytes: Buffer.byteLength(content) };
}

function withCode(code: string, ...words: string[]): unknown {
  const message = expect.stringMatching(new RegExp(words.map((word) => `(?=[^]*${word})`).join(''))) as string;
  return expect.objectContaining({ code, message });
}

describe('a sound pack', () => {
  test.each(['path', 'URL'])('opens by %s and reads the files of its manifest', async (kind) => {
    await pack();
    const opened = await openPack(kind === 'URL' ? pathToFileURL(folder) : folder);
    expect(opened.manifest).toMatchObject({ name: 'demo', version: '1.2.3' });
    expect(await opened.readJson('config.json')).toEqual({ size: 3 });
    expect(await opened.readBytes('onnx/model.onnx')).toHaveLength(100_000);
    expect(await readFile(opened.path('config.json'), 'utf8')).toBe('{"size":3}');
  });

  test('may hold links that stay inside', async () => {
    await symlink(join(folder, 'config.json'), join(folder, 'alias.json'));
    await pack(['alias.json']);
    expect(await (await openPack(folder)).readJson('alias.json')).toEqual({ size: 3 });
  });

  test('may lie behind a link', async () => {
    await pack();
    await symlink(folder, join(parent, 'link'));
    const opened = await openPack(join(parent, 'link'));
    expect(await opened.readJson('config.json')).toEqual({ size: 3 });
  });

  test.each(['unlisted.txt', 'pack.json', 'constructor', '__proto__'])('does not hand out %s', async (file) => {
    await pack();
    const opened = await openPack(folder);
    expect(() => opened.path(file)).toThrowError(withCode('pack-invalid') as Error);
    await expect(opened.readBytes(file)).rejects.toEqual(withCode('pack-invalid'));
    await expect(opened.readJson(file)).rejects.toEqual(withCode('pack-invalid'));
  });

  test.each(['../secret.txt', '/etc/hostname', 'onnx/../../secret.txt'])('does not hand out %s from outside', async (file) => {
    await pack();
    const opened = await openPack(folder);
    await expect(opened.readBytes(file)).rejects.toEqual(withCode('pack-path-outside'));
  });

  test('says which file is not JSON', async () => {
    await pack();
    await expect((await openPack(folder)).readJson('onnx/model.onnx')).rejects.toEqual(withCode('pack-invalid', 'onnx/model.onnx'));
  });
});

describe('a broken pack', () => {
  test('without its folder is not found', async () => {
    await expect(openPack(join(parent, 'nowhere'))).rejects.toEqual(withCode('pack-not-found'));
  });

  test('that is a file is not found', async () => {
    await expect(openPack(join(parent, 'secret.txt'))).rejects.toEqual(withCode('pack-not-found'));
  });

  test('at a URL that is no file is not found', async () => {
    await expect(openPack(new URL('https://example.com/pack'))).rejects.toEqual(withCode('pack-not-found'));
  });

  test('without pack.json is not found', async () => {
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-not-found', 'pack.json'));
  });

  test('whose pack.json is no JSON is invalid', async () => {
    await writeRaw('{"name": ');
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-invalid', 'pack.json'));
  });

  test.each([
    ['null', null],
    ['a list', []],
    ['no version', { ...card, version: undefined, files: {} }],
    ['no schema version', { ...card, schemaVersion: undefined, files: {} }],
    ['schema version 0', { ...card, schemaVersion: 0, files: {} }],
    ['schema version "1"', { ...card, schemaVersion: '1', files: {} }],
    ['no files', card],
    ['an unknown field', { ...card, files: {}, weights: {} }],
    ['a hash in capitals', { ...card, files: { 'config.json': { sha256: 'A'.repeat(64), bytes: 1 } } }],
    ['a negative size', { ...card, files: { 'config.json': { ...entry('x'), bytes: -1 } } }],
    ['an inspector that is a string', { ...card, files: {}, inspector: 'yes' }],
    ['data without a licence', { ...card, files: {}, data: [{ name: 'a', source: 'b' }] }],
  ])('with %s in pack.json is invalid', async (_, manifest) => {
    await writeRaw(manifest);
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-invalid'));
  });

  test('with a missing file names it', async () => {
    await pack();
    await rm(join(folder, 'config.json'));
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-invalid', 'config.json'));
  });

  test('with a truncated file names it, its size and the expected one', async () => {
    await pack();
    await truncate(join(folder, 'onnx', 'model.onnx'), 99_999);
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-invalid', 'onnx/model.onnx', '99999', '100000', 'truncated'));
  });

  test('with a longer file names both sizes', async () => {
    await pack();
    await writeFile(join(folder, 'config.json'), '{"size":33}');
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-invalid', 'config.json', '11', '10'));
  });

  test('with a folder in place of a file is invalid', async () => {
    await pack();
    await rm(join(folder, 'config.json'));
    await mkdir(join(folder, 'config.json'));
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-invalid', 'config.json'));
  });

  test('with one changed byte has another hash', async () => {
    await pack();
    const path = join(folder, 'onnx', 'model.onnx');
    const bytes = await readFile(path);
    bytes[99_999] = 8;
    await writeFile(path, bytes);
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-hash-mismatch', 'onnx/model.onnx'));
  });

  test('of a newer schema asks for an upgrade, whatever else it holds', async () => {
    await writeRaw({ schemaVersion: 2, shape: 'new' });
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-version-unsupported', 'upgrade'));
  });
});

describe('a path that leads out', () => {
  test.each([
    '../secret.txt',
    'onnx/../../secret.txt',
    './config.json',
    'onnx//model.onnx',
    '/etc/hostname',
    'C:/secret.txt',
    'config.json:stream',
    '..\\secret.txt',
    'onnx\\model.onnx',
    'config.json\0',
    '',
  ])('%j is refused', async (file) => {
    await writeRaw({ ...card, files: { [file]: entry('outside') } });
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-path-outside'));
  });

  test('by a link to a file is refused', async () => {
    await symlink(join(parent, 'secret.txt'), join(folder, 'inside.txt'));
    await writeRaw({ ...card, files: { 'inside.txt': entry('outside') } });
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-path-outside', 'inside.txt'));
  });

  test('by a link to a folder is refused', async () => {
    await symlink(parent, join(folder, 'up'));
    await writeRaw({ ...card, files: { 'up/secret.txt': entry('outside') } });
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-path-outside', 'up/secret.txt'));
  });

  test('to a folder whose name only begins the same is refused', async () => {
    await mkdir(join(parent, 'pack-other'));
    await writeFile(join(parent, 'pack-other', 'x.txt'), 'outside');
    await symlink(join(parent, 'pack-other', 'x.txt'), join(folder, 'x.txt'));
    await writeRaw({ ...card, files: { 'x.txt': entry('outside') } });
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-path-outside', 'x.txt'));
  });

  test('by pack.json itself is refused', async () => {
    await writeFile(join(parent, 'pack.json'), JSON.stringify({ ...card, files: {} }));
    await symlink(join(parent, 'pack.json'), join(folder, 'pack.json'));
    await expect(openPack(folder)).rejects.toEqual(withCode('pack-path-outside', 'pack.json'));
  });
});

describe('writing a manifest', () => {
  test('measures the files and returns what opens', async () => {
    const written = await writePackManifest(pathToFileURL(folder), card, ['onnx/model.onnx', 'config.json', 'config.json']);
    expect(Object.keys(written.files)).toEqual(['config.json', 'onnx/model.onnx']);
    expect(written.files['config.json']).toEqual(entry('{"size":3}'));
    expect((await openPack(folder)).manifest).toEqual(written);
  });

  test('keeps the optional sections', async () => {
    const data = [{ name: 'triples', license: 'Apache-2.0', source: 'own', rows: 5246, use: 'training' }];
    const sections = { description: 'A demo.', inspector: { heads: 3 }, metrics: { auroc: 0.9 }, data, training: { seed: 1 } };
    await writePackManifest(folder, { ...card, ...sections }, []);
    expect((await openPack(folder)).manifest).toMatchObject(sections);
  });

  test('replaces the former one and leaves no other file behind', async () => {
    await pack(['config.json']);
    await pack(['onnx/model.onnx']);
    expect(Object.keys((await openPack(folder)).manifest.files)).toEqual(['onnx/model.onnx']);
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'onnx', 'pack.json', 'unlisted.txt']);
  });

  test('writes nothing when a file is missing', async () => {
    await expect(pack(['config.json', 'gone.json'])).rejects.toEqual(withCode('pack-invalid', 'gone.json'));
    expect(await readdir(folder)).not.toContain('pack.json');
  });

  test('leaves no temporary file behind when pack.json can not be replaced', async () => {
    await mkdir(join(folder, 'pack.json'));
    await expect(pack()).rejects.toEqual(withCode('pack-invalid'));
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test.each(['../secret.txt', 'pack.json'])('refuses %s', async (file) => {
    const code = file === 'pack.json' ? 'pack-invalid' : 'pack-path-outside';
    await expect(pack([file])).rejects.toEqual(withCode(code));
  });

  test('refuses a manifest that would not open', async () => {
    await expect(writePackManifest(folder, { ...card, name: '' }, [])).rejects.toEqual(withCode('pack-invalid', 'name'));
  });

  test('refuses a folder that does not exist', async () => {
    await expect(writePackManifest(join(parent, 'nowhere'), card, [])).rejects.toEqual(withCode('pack-not-found'));
  });
});

describe('abort', () => {
  test('rejects with the reason of the signal', async () => {
    await pack();
    const reason = { because: 'enough' };
    await expect(openPack(folder, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(writePackManifest(folder, card, [], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('stops while files are verified', async () => {
    await pack();
    const controller = new AbortController();
    const opening = openPack(folder, { signal: controller.signal });
    const reason = { because: 'enough' };
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
  });
});
