import { stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import { systemCode } from './files.js';
import { invalidOption } from './option-values.js';

/**
 * Checks before a long run that a file can be written after it: its folder is there and it is no folder itself.
 * @throws AlignSquadError `invalid-options`.
 */
export async function requireWritable(path: string, option: string): Promise<void> {
  const [folder, file] = await Promise.all([dirname(resolve(path)), path].map((one) => stat(one).catch(() => undefined)));
  if (folder?.isDirectory() !== true || file?.isDirectory() === true) throw invalidOption(`Expected \`${option}\` to name a file in a folder that is there.`);
}

/** Writes the file of an option. @throws AlignSquadError `invalid-options` with the code of the system. */
export async function writeOutputFile(path: string, text: string, option: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new AlignSquadError(`The file of \`${option}\` could not be written (${systemCode(error)}).`, { code: 'invalid-options', cause: error });
  }
}
