import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlignSquadError, parseWith } from '@align-squad/core';
import { z } from 'zod';
import { readCacheShape, type CacheShape } from '../decoding/cache-shape.js';
import { createTextTokenizer, type TextTokenizer } from '../tokenizer/tokenizer.js';
import { readTextFrame, type TextFrame } from './text-frame.js';

/** What a folder in the Hugging Face layout says of a model that generates text. */
export interface ModelFolder {
  readonly name: string;
  readonly tokenizer: TextTokenizer;
  readonly frame: TextFrame;
  readonly cache: CacheShape;
  /** Tokens that end a text. */
  readonly endIds: readonly number[];
  /** The token that a text begins with which has none. */
  readonly firstId: number | undefined;
  /** The token that the decoder of an encoder-decoder begins with. */
  readonly startId: number | undefined;
  /** Most tokens that the model can see. */
  readonly maxPositions: number;
  /** Most tokens of a text where the request names none. */
  readonly newTokens: number;
  readonly files: ModelFiles;
}

/** Paths of the graphs. */
export type ModelFiles = { readonly decoder: string; readonly encoder?: string | undefined };

const id = z.int().min(0).nullish();
const count = z.int().min(1).nullish();
const ids = z.union([z.int().min(0), z.array(z.int().min(0))]).nullish();

const configSchema = z.looseObject({
  bos_token_id: id, eos_token_id: ids, decoder_start_token_id: id, max_new_tokens: count,
  max_position_embeddings: count, n_positions: count, model_type: z.string().nullish(),
});

const tokenizerConfigSchema = z.looseObject({ add_bos_token: z.boolean().nullish() });
const tokenizerSchema = z.looseObject({ post_processor: z.unknown() });

const defaultNewTokens = 512;

/**
 * Reads config.json, generation_config.json, tokenizer.json and tokenizer_config.json, and finds the graphs under onnx/.
 * @throws AlignSquadError `model-invalid` naming the file that is missing or not valid, `missing-dependency`.
 */
export async function openModelFolder(directory: string | URL, variant: string | undefined): Promise<ModelFolder> {
  const folder = typeof directory === 'string' ? directory : fileURLToPath(directory);
  const read = (name: string): Promise<unknown> => readJson(folder, name);
  const [config, generation, tokenizerJson, tokenizerConfig] = await Promise.all([
    read('config.json'), read('generation_config.json'), read('tokenizer.json'), read('tokenizer_config.json'),
  ]);
  if (config === undefined || tokenizerJson === undefined) throw missing(config === undefined ? 'config.json' : 'tokenizer.json');
  const model = parseWith(configSchema, config, { what: "the model's `config.json`", code: 'model-invalid' });
  const generated = parseWith(configSchema, generation ?? {}, { what: "the model's `generation_config.json`", code: 'model-invalid' });
  const { add_bos_token } = parseWith(tokenizerConfigSchema, tokenizerConfig ?? {}, { what: 'a `tokenizer_config.json`', code: 'model-invalid' });
  const tokenizer = await createTextTokenizer(tokenizerJson, tokenizerConfig);
  const { post_processor } = parseWith(tokenizerSchema, tokenizerJson, { what: 'a `tokenizer.json`', code: 'model-invalid' });
  const frame = readTextFrame(post_processor);
  const endIds = [generated.eos_token_id ?? model.eos_token_id ?? []].flat();
  const bosId = generated.bos_token_id ?? model.bos_token_id ?? undefined;
  return {
    name: model.model_type ?? 'local-model',
    tokenizer,
    frame: add_bos_token === true && frame.before.length === 0 && bosId !== undefined ? { ...frame, before: [bosId] } : frame,
    cache: readCacheShape(config),
    endIds,
    firstId: bosId ?? endIds[0],
    startId: generated.decoder_start_token_id ?? model.decoder_start_token_id ?? undefined,
    maxPositions: model.max_position_embeddings ?? model.n_positions ?? Number.POSITIVE_INFINITY,
    newTokens: generated.max_new_tokens ?? defaultNewTokens,
    files: await findFiles(folder, variant),
  };
}

/** The graphs of a folder, in the names that transformers.js gives them. */
async function findFiles(folder: string, variant: string | undefined): Promise<ModelFiles> {
  const suffix = variant === undefined ? '' : `_${variant}`;
  const find = async (...names: readonly string[]): Promise<string | undefined> => {
    const paths = names.map((name) => join(folder, 'onnx', `${name}${suffix}.onnx`));
    const present = await Promise.all(paths.map((path) => access(path).then(() => true, () => false)));
    return paths[present.indexOf(true)];
  };
  const encoder = await find('encoder_model');
  const decoder = encoder === undefined ? await find('model', 'decoder_model_merged') : await find('decoder_model_merged');
  if (decoder === undefined) throw missing(`onnx/${encoder === undefined ? 'model' : 'decoder_model_merged'}${suffix}.onnx`);
  return { decoder, encoder };
}

async function readJson(folder: string, name: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AlignSquadError(`Expected the model's \`${name}\` to be JSON.`, { code: 'model-invalid', cause: error });
  }
}

function missing(file: string): AlignSquadError {
  return new AlignSquadError(`The model's folder has no \`${file}\` that can be read; expected the Hugging Face layout.`, { code: 'model-invalid' });
}
