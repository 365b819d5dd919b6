import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { toAlignSquadError, type AlignSquadError } from '@align-squad/core';

/**
 * Writes values as JSON Lines, whole or not at all: beside the file first, which then takes its place at once. A value
 * is turned to text only when it is its turn.
 * @throws AlignSquadError `invalid-options` when the file can't be written; the signal's reason.
 */
export async function writeLines(path: string, values: Iterable<object>, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
  signal?.throwIfAborted();
  // A name of its own, so that two writers of one file do not mix their lines.
  const part = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(part, 'wx');
    try {
      for (const value of values) {
        signal?.throwIfAborted();
        await file.writeFile(`${JSON.stringify(value)}\n`);
      }
      // Without this a crash after the rename could leave an empty file under the final name.
      await file.sync();
    } finally {
      await file.close();
    }
    signal?.throwIfAborted();
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined); // the error that is thrown says more
    signal?.throwIfAborted();
    throw writeError(path, error);
  }
}

function writeError(path: string, error: unknown): AlignSquadError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no error code';
  return toAlignSquadError(error, `The file ${basename(path)} could not be written (${code}). A former file of that name is still whole.`, 'invalid-options');
}
