import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import type { Triple } from '../records/records.js';

/** Records to write, in memory or one by one. */
export type TripleSource = AsyncIterable<Triple> | Iterable<Triple>;

/** Options of the writers. */
export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a file whole or not at all: `write` fills one beside it, which then takes its place at once.
 * @throws AlignSquadError `invalid-options` when the file can't be written; what `write` throws; the signal's reason.
 */
export async function writeWhole(path: string, write: (part: string) => Promise<void>, { signal }: WriteOptions = {}): Promise<void> {
  signal?.throwIfAborted();
  const part = partOf(path);
  try {
    await write(part);
    signal?.throwIfAborted();
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined); // the error that is thrown says more
    signal?.throwIfAborted();
    throw writeError(path, error);
  }
}

/** A name beside a file for what is not whole yet; a new one each time, so that two writers do not mix. */
export function partOf(path: string): string {
  return `${path}.${randomUUID()}.part`;
}

/** Ours for an error of the file system; any other comes from the records and is left as it is. */
export function writeError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  const code = 'code' in error ? String(error.code) : 'no error code';
  return new AlignSquadError(`${basename(path)} could not be written (${code}): is the disk full, or the folder missing or read-only?`, { code: 'invalid-options', cause: error });
}
