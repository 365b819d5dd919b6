import type { Pack } from '../pack/open-pack.js';
import { createTextTokenizer, type TextTokenizer } from './tokenizer.js';

/**
 * Loads a tokenizer.json of a pack and, where the pack has one beside it, tokenizer_config.json.
 * @throws AlignSquadError `pack-invalid` for a file that is missing or no JSON, `model-invalid` for one that is no tokenizer.
 */
export async function loadPackTokenizer(pack: Pick<Pack, 'manifest' | 'readJson'>, file: string): Promise<TextTokenizer> {
  const config = `${file.slice(0, file.lastIndexOf('/') + 1)}tokenizer_config.json`;
  const hasConfig = Object.hasOwn(pack.manifest.files, config);
  return createTextTokenizer(await pack.readJson(file), hasConfig ? await pack.readJson(config) : undefined);
}
