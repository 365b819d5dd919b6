import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDelta, writePackManifest } from '@align-squad/onnx';
import { dataType, GraphBuilder, writeModelFile } from '@align-squad/onnx/graph';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseLines, run } from './test-support.js';

let folder: string;
let base: string;
let tuned: string;
let out: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-delta-'));
  [base, tuned] = [await packOf('base', 0), await packOf('tuned', 0.1)];
  await mkdir(join(folder, 'out'));
  out = join(folder, 'out', 'polite.delta');
});
afterAll(() => rm(folder, { recursive: true }));

/** A pack of one model: y = x W with a W that a seed moves. */
async function packOf(name: string, moved: number): Promise<string> {
  const directory = join(folder, name);
  await mkdir(join(directory, 'onnx'), { recursive: true });
  const graph = new GraphBuilder();
  const x = graph.input('x', dataType.float32, ['batch', 16]);
  const weight = graph.initializer('weight', [16, 24], Float32Array.from({ length: 384 }, (_, at) => Math.sin(at) + moved * Math.cos(3 * at + (at % 7))));
  const y = graph.op('MatMul', [x, weight]);
  await writeModelFile(join(directory, 'onnx/model.onnx'), graph.model([y], { [y]: 'y' }));
  await writeFile(join(directory, 'tokenizer.json'), '{}');
  const manifest = { schemaVersion: 1, name, version: '1.0.0', language: 'en', license: 'Apache-2.0' } as const;
  await writePackManifest(directory, manifest, ['onnx/model.onnx', 'tokenizer.json']);
  return directory;
}

const making = (...more: string[]): string[] => ['delta', '--base', base, '--tuned', tuned, '--out', out, ...more];

test('delta writes a file and prints its size and its error', async () => {
  const { code, stdout, stderr } = await run(making('--bits', '8:2,4:3'));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^delta .*polite\.delta\n {2}size +\d+ bytes, [\d.]+ % of the float32 models\n {2}tensors +1 changed, 1 of them kept as singular vectors\n {2}relative error +0\.\d+ on average of those, at most 0\.\d+ \(weight\)\n$/);
  const delta = await readDelta(out);
  expect(delta.models[0]?.tensors[0]?.form).toEqual({ kind: 'low-rank', groups: [{ rank: 2, bits: 8 }, { rank: 3, bits: 4 }] });
});

test('delta --json prints each tensor as one line', async () => {
  const { stdout } = await run(making('--rank', '4', '--json'));
  const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
  const count = expect.any(Number) as number;
  expect(parseLines(stdout)).toEqual([
    { out, bytes: count, modelBytes: count, models: [{ file: 'onnx/model.onnx', baseSha256: sha256, tunedSha256: sha256, tensors: [{ name: 'weight', kind: 'low-rank', rank: 4, bytes: count, relativeError: count }] }] },
  ]);
});

test.each([
  ['no base', (): string[] => ['delta', '--tuned', tuned, '--out', out], '--base'],
  ['no fine-tune', (): string[] => ['delta', '--base', base, '--out', out], '--tuned'],
  ['no output', (): string[] => ['delta', '--base', base, '--tuned', tuned], '--out'],
  ['a rank that is no number', (): string[] => making('--rank', 'secret'), '--rank'],
  ['a rank of 0', (): string[] => making('--rank', '0'), 'rank'],
  ['bits that are no pairs', (): string[] => making('--bits', '8,secret'), '--bits'],
  ['bits that there are not', (): string[] => making('--bits', '5:2'), '--bits'],
  ['rank and bits', (): string[] => making('--rank', '2', '--bits', '8:2'), 'not both'],
  ['an argument too many', (): string[] => making('secret'), 'only options'],
])('delta with %s is wrong usage', async (_what, args, word) => {
  const { code, stdout, stderr } = await run(args());
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error \[invalid-options\]: [^\n]+\n$/);
  expect(stderr).toContain(word);
  expect(stderr).not.toContain('secret');
});

test('a pack that is not there ends with its code, and no file is left', async () => {
  await rm(out, { force: true });
  const { code, stderr } = await run(['delta', '--base', join(folder, 'none'), '--tuned', tuned, '--out', out]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error \[pack-not-found\]/);
  expect(await readdir(join(folder, 'out'))).toEqual([]);
});

test('an interrupt ends it without a file', async () => {
  await rm(out, { force: true });
  expect(await run(making(), { signal: AbortSignal.abort('SIGINT') })).toEqual({ code: 130, stdout: '', stderr: '' });
  expect(await readdir(join(folder, 'out'))).toEqual([]);
});
