import type { Pack } from '../pack/open-pack.js';
import { createTextTokenizer, type TextTokenizer } from './tokenizer.js';

type TokenizerPack = Pick<Pack, 'manifest' | 'readJson'>;

// A pack's inspector and aligner share one: it takes as long to build as a session, and 10 MB.
const loaded = new WeakMap<TokenizerPack, Map<string, Promise<TextTokenizer>>>();

/**
 * Loads a tokenizer.json of a pack and, where the pack has one beside it, tokenizer_config.json; once for an opened pack.
 * @throws AlignSquadError `pack-invalid` for a file that is missing or no JSON, `model-invalid` for one that is no tokenizer.
 */
export async function loadPackTokenizer(pack: TokenizerPack, file: string): Promise<TextTokenizer> {
  const known = loaded.get(pack) ?? new Map<string, Promise<TextTokenizer>>();
  loaded.set(pack, known);
  const tokenizer = known.get(file) ?? load(pack, file);
  known.set(file, tokenizer);
  try {
    return await tokenizer;
  } catch (error) {
    known.delete(file);
    throw error;
  }
}

async function load(pack: TokenizerPack, file: string): Promise<TextTokenizer> {
  const config = `${file.slice(0, file.lastIndexOf('/') + 1)}tokenizer_config.json`;
  const hasConfig = Object.hasOwn(pack.manifest.files, config);
  return createTextTokenizer(await pack.readJson(file), hasConfig ? await pack.readJson(config) : undefined);
}
