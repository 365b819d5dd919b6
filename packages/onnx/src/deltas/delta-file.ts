import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { AlignSquadError, parseWith, toAlignSquadError } from '@align-squad/core';
import { z } from 'zod';
import { writeChunks, writeWhole } from '../graph/file-ranges.js';
import { joinBytes } from '../graph/wire.js';
import type { Delta, ModelDelta, TensorDelta, TensorForm } from './delta.js';
import { packedTensorLength } from './tensor-delta.js';

/** The newest `schemaVersion` of a delta file that this package reads, and the one that it writes. */
export const deltaSchemaVersion = 1;

const magic = new TextEncoder().encode('ASDELTA\n');
const hashBytes = 32;
const headerAt = magic.length + hashBytes + 4;

type StoredTensor = Omit<TensorDelta, 'data'>;
type StoredModel = Omit<ModelDelta, 'tensors'> & { readonly tensors: readonly StoredTensor[] };
type Header = Omit<Delta, 'models'> & { readonly models: readonly StoredModel[] };

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.int().min(0).max(2 ** 31);
const name = z.string().min(1);
const group = z.strictObject({ rank: size.min(1), bits: z.union([z.literal(2), z.literal(3), z.literal(4), z.literal(8)]) });
const form: z.ZodType<TensorForm> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('low-rank'), groups: z.array(group) }),
  z.strictObject({ kind: z.literal('difference') }),
  z.strictObject({ kind: z.literal('values') }),
]);
const tensor: z.ZodType<StoredTensor> = z
  .strictObject({ name, dims: z.array(size).max(16), form, relativeError: z.number().min(0) })
  .refine(({ dims, form: { kind } }) => kind !== 'low-rank' || dims.length === 2, { path: ['dims'] });
const header: z.ZodType<Header> = z.looseObject({
  pack: z.strictObject({ name, version: name, aligner: z.record(z.string(), z.unknown()).optional() }),
  models: z.array(z.strictObject({ file: name, baseSha256: sha256, tunedSha256: sha256, tensors: z.array(tensor) })),
});

/** A delta as the bytes of a file: a magic word, the SHA-256 of what follows, the header as JSON, the data of the tensors. */
export function encodeDelta({ pack, models }: Delta): Uint8Array {
  const stored = models.map((model) => ({ ...model, tensors: model.tensors.map(({ data: _data, ...tensorHeader }) => tensorHeader) }));
  const json = new TextEncoder().encode(JSON.stringify({ schemaVersion: deltaSchemaVersion, pack, models: stored }));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, json.length, true);
  const body = [length, json, ...models.flatMap(({ tensors }) => tensors.map(({ data }) => data))];
  const hash = createHash('sha256');
  for (const part of body) hash.update(part);
  return joinBytes([magic, hash.digest(), ...body]);
}

/** SHA-256 of a delta, as its file has it; it names what a delta makes of its base. */
export function deltaSha256(delta: Delta): string {
  return Buffer.from(encodeDelta(delta).subarray(magic.length, magic.length + hashBytes)).toString('hex');
}

/**
 * Reads the bytes of a delta; the tensors are views of them.
 * @throws AlignSquadError `pack-invalid` for something else, `pack-hash-mismatch` for a file that was cut or changed,
 * `pack-version-unsupported` for a newer one.
 */
export function decodeDelta(bytes: Uint8Array): Delta {
  if (bytes.length < headerAt || Buffer.compare(bytes.subarray(0, magic.length), magic) !== 0) {
    throw new AlignSquadError('The file is no delta: make one with `align-squad delta`.', { code: 'pack-invalid' });
  }
  const body = bytes.subarray(magic.length + hashBytes);
  if (Buffer.compare(createHash('sha256').update(body).digest(), bytes.subarray(magic.length, magic.length + hashBytes)) !== 0) {
    throw new AlignSquadError('The delta was cut short or changed (its SHA-256 differs): copy or make it again.', { code: 'pack-hash-mismatch' });
  }
  const dataAt = headerAt + new DataView(bytes.buffer, bytes.byteOffset).getUint32(headerAt - 4, true);
  const { pack, models } = readHeader(bytes.subarray(headerAt, dataAt));
  let at = dataAt;
  const read = models.map((model): ModelDelta => ({
    ...model,
    tensors: model.tensors.map((stored): TensorDelta => {
      const start = at;
      at += packedTensorLength(stored.dims, stored.form);
      return { ...stored, data: bytes.subarray(start, at) };
    }),
  }));
  if (at !== bytes.length) throw new AlignSquadError('The delta has another length than its header says.', { code: 'pack-invalid' });
  return { pack, models: read };
}

function readHeader(bytes: Uint8Array): Header {
  const options = { what: 'the header of a delta', code: 'pack-invalid' } as const;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new AlignSquadError('The header of the delta is not JSON.', { code: 'pack-invalid', cause: error });
  }
  const { schemaVersion } = parseWith(z.looseObject({ schemaVersion: z.int() }), value, options);
  if (schemaVersion > deltaSchemaVersion) {
    throw new AlignSquadError(`The delta has schema version ${schemaVersion}, and this copy of @align-squad/onnx reads up to ${deltaSchemaVersion}: upgrade the align-squad packages.`, {
      code: 'pack-version-unsupported',
    });
  }
  return parseWith(header, value, options);
}

/** Writes a delta, whole or not at all; returns its size in bytes. @throws AlignSquadError `pack-invalid` when it can't be written. */
export async function writeDelta(path: string, delta: Delta): Promise<number> {
  const bytes = encodeDelta(delta);
  try {
    await writeWhole(path, (file) => writeChunks(file, [bytes]));
  } catch (error) {
    throw toAlignSquadError(error, `Could not write ${basename(path)}; is there such a folder, and room on the disk?`, 'pack-invalid');
  }
  return bytes.length;
}

/** Reads a delta from a file. @throws AlignSquadError `pack-not-found` without the file, and as `decodeDelta`. */
export async function readDelta(path: string | URL): Promise<Delta> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new AlignSquadError(`There is no readable delta file ${JSON.stringify(basename(String(path)))}.`, { code: 'pack-not-found', cause: error });
  }
  return decodeDelta(bytes);
}
