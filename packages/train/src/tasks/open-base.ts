import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import { createTextTokenizer, openPack, type PackManifest, type TextTokenizer } from '@align-squad/onnx';
import { readModelFile, type ModelProto } from '@align-squad/onnx/graph';

/** A folder to start a training from. */
export interface TrainBase {
  readonly directory: string;
  /** Of an align-squad pack; a folder in the Hugging Face layout has none. */
  readonly manifest?: PackManifest | undefined;
  readonly tokenizer: TextTokenizer;
  readonly tokenizerJson: object;
  /** Content of tokenizer_config.json and config.json; empty where they are missing. */
  readonly tokenizerConfig: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Opens a pack, whose files are verified, or a folder in the Hugging Face layout.
 * @throws AlignSquadError `pack-not-found` when the folder holds no tokenizer.json, and the codes of `openPack`.
 */
export async function openBase(directory: string): Promise<TrainBase> {
  const manifest = (await exists(join(directory, 'pack.json'))) ? (await openPack(directory)).manifest : undefined;
  const tokenizerJson = await readJson(directory, 'tokenizer.json');
  if (tokenizerJson === undefined) {
    throw new AlignSquadError('The base is no folder of a pack or an exported model: it holds no tokenizer.json.', { code: 'pack-not-found' });
  }
  const tokenizerConfig = (await readJson(directory, 'tokenizer_config.json')) ?? {};
  return {
    directory,
    manifest,
    tokenizer: await createTextTokenizer(tokenizerJson, tokenizerConfig),
    tokenizerJson,
    tokenizerConfig,
    config: (await readJson(directory, 'config.json')) ?? {},
  };
}

/**
 * Reads the first of some graphs that the base has.
 * @throws AlignSquadError `pack-invalid` when it has none of them.
 */
export async function readBaseModel(base: TrainBase, files: readonly string[]): Promise<ModelProto> {
  for (const file of files) {
    const path = join(base.directory, file);
    if (await exists(path)) return readModelFile(path);
  }
  throw new AlignSquadError(`The base has no ${files.join(' and no ')}.`, { code: 'pack-invalid' });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isFile(), () => false);
}

async function readJson(directory: string, file: string): Promise<Record<string, unknown> | undefined> {
  const path = join(directory, file);
  if (!(await exists(path))) return undefined;
  try {
    // Any object; each reader takes the fields that it knows.
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw toAlignSquadError(error, `The file ${file} of the base could not be read as JSON.`, 'pack-invalid');
  }
}
