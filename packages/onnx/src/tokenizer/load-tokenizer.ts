import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlignSquadError } from '@align-squad/core';
import { createTextTokenizer, type TextTokenizer } from './tokenizer.js';

/**
 * Loads the tokenizer of a folder in the Hugging Face layout: tokenizer.json and, where there is one,
 * tokenizer_config.json.
 * @throws AlignSquadError `model-invalid` when tokenizer.json is missing or a file is not valid.
 */
export async function loadTextTokenizer(directory: string | URL): Promise<TextTokenizer> {
  const folder = typeof directory === 'string' ? directory : fileURLToPath(directory);
  const [json, config] = await Promise.all([
    readJsonFile(folder, 'tokenizer.json', 'required'),
    readJsonFile(folder, 'tokenizer_config.json', 'optional'),
  ]);
  return createTextTokenizer(json, config);
}

async function readJsonFile(folder: string, name: string, presence: 'required' | 'optional'): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(join(folder, name), 'utf8');
  } catch (error) {
    if (presence === 'optional' && isMissing(error)) return undefined;
    throw new AlignSquadError(`Could not read \`${name}\` of the tokenizer.`, { code: 'model-invalid', cause: error });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AlignSquadError(`Expected \`${name}\` of the tokenizer to be JSON.`, { code: 'model-invalid', cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
