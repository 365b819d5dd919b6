import { readFile, rename, writeFile } from 'node:fs/promises';
import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import { elementCount } from '@align-squad/onnx/graph';
import type { Weight, Weights } from './weights.js';

interface Entry {
  readonly dtype: 'F32';
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Writes weights as a safetensors file, whole or not at all.
 * @throws AlignSquadError `training-failed` when the file can't be written.
 */
export async function writeWeights(path: string, weights: Weights): Promise<void> {
  const header: Record<string, Entry> = {};
  let offset = 0;
  for (const [name, { dims, data }] of weights) {
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = JSON.stringify(header);
  const headerBytes = Buffer.from(text + ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerBytes.length));
  const parts = [...weights.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  try {
    await writeFile(`${path}.part`, Buffer.concat([length, headerBytes, ...parts]));
    await rename(`${path}.part`, path);
  } catch (error) {
    throw toAlignSquadError(error, 'Could not write the weights file.', 'training-failed');
  }
}

/**
 * Reads float32 weights from a safetensors file.
 * @throws AlignSquadError `training-failed` when the file is missing, cut short, or not safetensors of float32.
 */
export async function readWeights(path: string): Promise<Weights> {
  try {
    const bytes = await readFile(path);
    const start = 8 + Number(bytes.readBigUInt64LE(0));
    // The header of a safetensors file has this form; a wrong one fails below.
    const header = JSON.parse(bytes.subarray(8, start).toString('utf8')) as Record<string, Entry>;
    const data = bytes.subarray(start);
    const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
    return new Map(entries.map(([name, entry]): [string, Weight] => [name, readWeight(data, name, entry)]));
  } catch (error) {
    throw toAlignSquadError(error, 'Could not read the weights file.', 'training-failed');
  }
}

function readWeight(bytes: Uint8Array, name: string, { dtype, shape, data_offsets: [from, to] }: Entry): Weight {
  const isWhole = dtype === 'F32' && to <= bytes.length && to - from === 4 * elementCount(shape);
  if (!isWhole) throw new AlignSquadError(`Weight ${name} of the weights file is cut short or not float32.`, { code: 'training-failed' });
  return { dims: shape, data: new Float32Array(new Uint8Array(bytes.subarray(from, to)).buffer) };
}
