import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Delta } from './delta.js';
import { decodeDelta, encodeDelta, readDelta, writeDelta } from './delta-file.js';
import { deltaOf, smallModel, tuned } from './test-support.js';

const base = smallModel();
const groups = [{ rank: 2, bits: 8 }, { rank: 3, bits: 3 }, { rank: 4, bits: 2 }] as const;
const delta: Delta = {
  pack: { name: 'polite', version: '1.0.0', aligner: { criteria: ['polite'] } },
  models: [await deltaOf(base, tuned(base, 1), groups), await deltaOf(base, tuned(base, 2), groups, 'onnx/other.onnx')],
};
const bytes = encodeDelta(delta);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-delta-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The file with its header changed, and its hash made to fit. */
function withHeader(change: (header: Record<string, unknown>) => object): Uint8Array {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(40, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(44, 44 + length))) as Record<string, unknown>;
  return withBody(JSON.stringify(change(header)), bytes.subarray(44 + length));
}

function withBody(header: string, data: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(header);
  const size = new Uint8Array(Uint32Array.of(json.length).buffer);
  const body = Buffer.concat([size, json, data]);
  return Buffer.concat([bytes.subarray(0, 8), createHash('sha256').update(body).digest(), body]);
}

test('a file gives back what was written, whole and alone in its folder', async () => {
  const path = join(folder, 'polite.delta');
  const size = await writeDelta(path, delta);
  expect((await readFile(path)).length).toBe(size);
  const read = await readDelta(path);
  const plain = ({ pack, models }: Delta): object => ({ pack, models: models.map(({ tensors, ...model }) => ({ ...model, tensors: tensors.map(({ data, ...tensor }) => ({ ...tensor, data: [...data] })) })) });
  expect(plain(read)).toEqual(plain(delta));
  expect(await readdir(folder)).toEqual(['polite.delta']);
});

test('it is not larger than its tensors and a header', () => {
  const data = delta.models.flatMap(({ tensors }) => tensors.map((tensor) => tensor.data.length)).reduce((a, b) => a + b);
  expect(bytes.length - data).toBeLessThan(4000);
});

describe('a file is refused', () => {
  test.each([0, 7, 43, 44, 200, bytes.length - 1])('that was cut to %i bytes', (length) => {
    const code = length < 44 ? 'pack-invalid' : 'pack-hash-mismatch';
    expect(() => decodeDelta(bytes.subarray(0, length))).toThrow(expect.objectContaining({ code }) as Error);
  });

  test.each([8, 41, 60, bytes.length - 1])('whose byte %i was changed', (at) => {
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => decodeDelta(changed)).toThrow(expect.objectContaining({ code: 'pack-hash-mismatch' }) as Error);
  });

  test('that is something else', () => {
    expect(() => decodeDelta(new Uint8Array(100))).toThrow(expect.objectContaining({ code: 'pack-invalid' }) as Error);
  });

  test.each<[string, (header: Record<string, unknown>) => object, string]>([
    ['of a newer version', (header) => ({ ...header, schemaVersion: 2 }), 'pack-version-unsupported'],
    ['without a version', ({ schemaVersion: _, ...header }) => header, 'pack-invalid'],
    ['without models', ({ models: _, ...header }) => header, 'pack-invalid'],
    ['that names fewer tensors than it has', ({ models, ...header }) => ({ ...header, models: (models as object[]).slice(1) }), 'pack-invalid'],
    ['that names more tensors than it has', ({ models, ...header }) => ({ ...header, models: [...(models as object[]), ...(models as object[])] }), 'pack-invalid'],
  ])('%s', (_what, change, code) => {
    expect(() => decodeDelta(withHeader(change))).toThrow(expect.objectContaining({ code }) as Error);
  });

  test('whose header is no JSON, and its text is not told', () => {
    expect(() => decodeDelta(withBody('{secret', new Uint8Array(0)))).toThrow(expect.objectContaining({ code: 'pack-invalid', message: expect.not.stringContaining('secret') as string }) as Error);
  });

  test('that is not there', async () => {
    await expect(readDelta(join(folder, 'none.delta'))).rejects.toMatchObject({ code: 'pack-not-found' });
  });

  test('by a folder that is not there', async () => {
    await expect(writeDelta(join(folder, 'none', 'a.delta'), delta)).rejects.toMatchObject({ code: 'pack-invalid' });
  });
});

test('the header itself passes when nothing was changed', () => {
  expect(decodeDelta(withHeader((header) => header)).pack).toEqual(delta.pack);
});

test('bytes at an odd place in memory are read too', async () => {
  const odd = new Uint8Array(bytes.length + 1);
  odd.set(bytes, 1);
  await writeFile(join(folder, 'odd'), odd.subarray(1));
  expect(decodeDelta(odd.subarray(1)).models[0]?.tensors[0]?.data).toEqual(decodeDelta(bytes).models[0]?.tensors[0]?.data);
});
