import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import { elementCount } from '@align-squad/onnx/graph';
import { z } from 'zod';
import type { TensorMetadata } from './write-tensors.js';
import type { Weights } from './weights.js';

/** The content of a safetensors file. */
export interface TensorFile {
  readonly tensors: Weights;
  readonly metadata: TensorMetadata;
}

// One read of the operating system takes 2 GB at most.
const readBytes = 2 ** 30;

// Other readers of the format stop here too.
const longestHeader = 100e6;

const size = z.int().min(0);
const entrySchema = z.object({ dtype: z.literal('F32'), shape: z.array(size), data_offsets: z.tuple([size, size]) });
const headerSchema = z.object({ __metadata__: z.record(z.string(), z.string()).optional() }).catchall(entrySchema);

/**
 * Reads a safetensors file of float32 tensors, each into memory of its own.
 * @throws AlignSquadError `training-failed` when the file is missing, cut short, or not safetensors of float32.
 */
export async function readTensors(path: string): Promise<TensorFile> {
  const name = basename(path);
  try {
    const file = await open(path, 'r');
    try {
      return await readFrom(file, name);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toAlignSquadError(error, `Could not read ${name}; is it a safetensors file?`, 'training-failed');
  }
}

async function readFrom(file: FileHandle, name: string): Promise<TensorFile> {
  const { size: fileSize } = await file.stat();
  const length = Number((await readRange(file, 0, Buffer.alloc(8), name)).readBigUInt64LE(0));
  const start = 8 + length;
  if (length > longestHeader || start > fileSize) throw cutShort(name);
  const header: unknown = JSON.parse((await readRange(file, 8, Buffer.alloc(length), name)).toString('utf8'));
  const { success, data } = headerSchema.safeParse(header);
  if (!success) throw new AlignSquadError(`${name} is not a safetensors file of float32 tensors.`, { code: 'training-failed' });
  const { __metadata__: metadata = {}, ...entries } = data;
  const tensors: Weights = new Map();
  // All offsets are checked before the first tensor is read.
  for (const { shape, data_offsets: [from, to] } of Object.values(entries)) {
    if (to - from !== 4 * elementCount(shape) || start + to > fileSize) throw cutShort(name);
  }
  for (const [key, { shape, data_offsets: [from] }] of Object.entries(entries)) {
    const values = new Float32Array(elementCount(shape));
    await readRange(file, start + from, Buffer.from(values.buffer), name);
    tensors.set(key, { dims: shape, data: values });
  }
  return { tensors, metadata };
}

async function readRange(file: FileHandle, position: number, into: Buffer, name: string): Promise<Buffer> {
  for (let at = 0; at < into.length; ) {
    const { bytesRead } = await file.read(into, at, Math.min(readBytes, into.length - at), position + at);
    if (bytesRead === 0) throw cutShort(name);
    at += bytesRead;
  }
  return into;
}

function cutShort(name: string): AlignSquadError {
  return new AlignSquadError(`${name} is cut short or damaged, or no safetensors file.`, { code: 'training-failed' });
}
