import { readFile } from 'node:fs/promises';
import { AlignSquadError } from '@align-squad/core';

/** The error for an option that can't be used; its message names the option and never what was given. */
export function invalidOption(message: string): AlignSquadError {
  return new AlignSquadError(message, { code: 'invalid-options' });
}

/** The value of an option that must be there. @throws AlignSquadError `invalid-options` when it is missing or blank. */
export function requiredOption(value: string | undefined, option: string): string {
  if (value !== undefined && value.trim() !== '') return value;
  throw invalidOption(`Expected the option \`${option}\`.`);
}

/** The number of an option. @throws AlignSquadError `invalid-options` when it is none. */
export function numberOption(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw invalidOption(`Expected \`${option}\` to be a number.`);
  return number;
}

/** The content of the file of an option. @throws AlignSquadError `invalid-options` when it can't be read as JSON. */
export async function readJsonOption(path: string, option: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new AlignSquadError(`The file of \`${option}\` could not be read as JSON.`, { code: 'invalid-options', cause: error });
  }
}
