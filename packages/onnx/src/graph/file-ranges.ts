import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { joinBytes } from './wire.js';

// The operating system moves 2 GB at once at most.
const largestMove = 2 ** 30;
const smallChunk = 2 ** 20;

/** Reads `length` bytes from `position`; fewer when the file ends before. */
export async function readRange(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await file.read(bytes, at, Math.min(largestMove, length - at), position + at);
    if (bytesRead === 0) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}

/** Writes all bytes at `position`. */
export async function writeRange(file: FileHandle, position: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, Math.min(largestMove, bytes.length - at), position + at)).bytesWritten;
  }
}

/** Writes chunks one after the other, small ones together. */
export async function writeChunks(file: FileHandle, chunks: Iterable<Uint8Array>): Promise<void> {
  let position = 0;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const put = async (bytes: Uint8Array): Promise<void> => {
    await writeRange(file, position, bytes);
    position += bytes.length;
  };
  const flush = async (): Promise<void> => {
    await put(joinBytes(waiting));
    waiting = [];
    waitingBytes = 0;
  };
  for (const chunk of chunks) {
    if (chunk.length < smallChunk) {
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes < smallChunk) continue;
    }
    await flush();
    if (chunk.length >= smallChunk) await put(chunk);
  }
  await flush();
}

/** Writes a file whole or not at all: under another name first, on disk before it gets its own. */
export async function writeWhole(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const part = `${path}.part`;
  try {
    const file = await open(part, 'w');
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and needs none synced.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
