import { toAlignSquadError } from '@align-squad/core';
import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Writes files, each in one step and none before all are written beside their places.
 * @throws AlignSquadError `invalid-options` when one can't be written.
 */
export async function writeFiles(files: readonly (readonly [path: string, content: string])[]): Promise<void> {
  const temporary = (path: string): string => `${path}.${process.pid}.tmp`;
  try {
    for (const [path, content] of files) await writeFile(temporary(path), content);
    for (const [path] of files) await rename(temporary(path), path);
  } catch (error) {
    await Promise.all(files.map(([path]) => rm(temporary(path), { force: true })));
    throw toAlignSquadError(error, 'The report or a card could not be written.', 'invalid-options');
  }
}
