import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import type { Weight } from './weights.js';

/** What a safetensors file holds beside its tensors: texts by key. */
export type TensorMetadata = Readonly<Record<string, string>>;

// One write of the operating system takes 2 GB at most, and many small ones are slow.
const writeBytes = 64 * 2 ** 20;

/**
 * Writes float32 tensors as a safetensors file, whole or not at all: into `<path>.part` first, which is forced onto the
 * disk and takes the place of a former file at once. Tensors are written from where they lie, without a copy.
 * @throws AlignSquadError `training-failed` when the file can't be written, saying so where the disk is full.
 */
export async function writeTensors(path: string, tensors: ReadonlyMap<string, Weight>, metadata?: TensorMetadata): Promise<void> {
  const part = `${path}.part`;
  try {
    await writeInto(part, tensors, metadata);
    await rename(part, path);
    await flushFolder(dirname(path));
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined); // the error that is thrown says more
    throw writeError(path, error);
  }
}

async function writeInto(path: string, tensors: ReadonlyMap<string, Weight>, metadata: TensorMetadata | undefined): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const bytes of headerOf(tensors, metadata)) await writeAll(file, bytes);
    for (const { data } of tensors.values()) await writeAll(file, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    await file.sync();
  } finally {
    await file.close();
  }
}

function headerOf(tensors: ReadonlyMap<string, Weight>, metadata: TensorMetadata | undefined): Buffer[] {
  let offset = 0;
  const entries = [...tensors].map(([name, { dims, data }]) => {
    const from = offset;
    offset += data.byteLength;
    return [name, { dtype: 'F32', shape: dims, data_offsets: [from, offset] }];
  });
  const text = JSON.stringify({ ...(metadata === undefined ? {} : { __metadata__: metadata }), ...Object.fromEntries(entries) });
  const header = Buffer.from(text + ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return [length, header];
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, Math.min(writeBytes, bytes.length - at));
    at += bytesWritten;
  }
}

// Without this a power cut may undo the rename. Windows opens no folders and needs none.
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function writeError(path: string, error: unknown): AlignSquadError {
  const code = (error as NodeJS.ErrnoException).code; // what node:fs throws
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const reason = isFull ? 'the disk is full; free some space and start again' : 'look whether its folder exists and may be written to';
  return new AlignSquadError(`Could not write ${basename(path)}: ${reason}. A former file of that name is still whole.`, {
    code: 'training-failed',
    cause: error,
  });
}
