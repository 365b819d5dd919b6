import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readWeights, writeWeights } from './weight-file.js';
import type { Weights } from './weights.js';

const weights: Weights = new Map([
  ['layers.0.weight', { dims: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-30, -0) }],
  ['scalar', { dims: [], data: Float32Array.of(0.1) }],
  ['größe', { dims: [0, 4], data: new Float32Array(0) }],
]);

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-'));
  path = join(folder, 'model.safetensors');
});

afterEach(() => rm(folder, { recursive: true }));

async function rewrite(change: (bytes: Buffer) => Uint8Array): Promise<void> {
  await writeWeights(path, weights);
  await writeFile(path, change(await readFile(path)));
}

/** A file with one entry and 16 bytes of values. */
async function writeEntry(entry: object): Promise<void> {
  const header = Buffer.from(JSON.stringify(entry));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  await writeFile(path, Buffer.concat([length, header, Buffer.alloc(16)]));
}

describe('a weights file', () => {
  test('is read as it was written', async () => {
    await writeWeights(path, weights);
    expect(await readWeights(path)).toEqual(weights);
  });

  test('holds only the values of a view into a larger buffer', async () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    await writeWeights(path, new Map([['view', { dims: [2], data }]]));
    expect((await readWeights(path)).get('view')?.data).toEqual(Float32Array.of(1, 2));
  });

  test('has a header of a multiple of eight bytes, as other readers expect', async () => {
    await writeWeights(path, weights);
    expect(Number((await readFile(path)).readBigUInt64LE(0)) % 8).toBe(0);
  });

  test('leaves nothing beside it', async () => {
    await writeWeights(path, weights);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
  });

  test('may carry metadata', async () => {
    await writeEntry({ __metadata__: { format: 'pt' }, w: { dtype: 'F32', shape: [4], data_offsets: [0, 16] } });
    expect([...(await readWeights(path)).keys()]).toEqual(['w']);
  });
});

describe('a broken weights file', () => {
  test.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['without bytes', () => new Uint8Array(0)],
    ['cut inside its header', (bytes) => bytes.subarray(0, 40)],
    ['cut by a whole value', (bytes) => bytes.subarray(0, -4)],
    ['cut by a byte', (bytes) => bytes.subarray(0, -1)],
    ['without values', (bytes) => bytes.subarray(0, 8 + Number(bytes.readBigUInt64LE(0)))],
    ['of text', () => Buffer.from('not a weights file at all')],
  ])('%s is refused', async (_, change) => {
    await rewrite(change);
    await expect(readWeights(path)).rejects.toMatchObject({ code: 'training-failed' });
  });

  test.each([
    ['of half floats', { dtype: 'F16', shape: [4], data_offsets: [0, 16] }],
    ['whose shape does not fit its values', { dtype: 'F32', shape: [3], data_offsets: [0, 16] }],
    ['without a shape', { dtype: 'F32', data_offsets: [0, 16] }],
    ['that is null', null],
  ])('with an entry %s is refused', async (_, entry) => {
    await writeEntry({ w: entry });
    await expect(readWeights(path)).rejects.toMatchObject({ code: 'training-failed' });
  });

  test('that does not exist is refused', async () => {
    await expect(readWeights(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'training-failed' });
  });

  test('a folder that does not exist cannot be written to', async () => {
    await expect(writeWeights(join(folder, 'nothing', 'here'), weights)).rejects.toMatchObject({ code: 'training-failed' });
  });
});
