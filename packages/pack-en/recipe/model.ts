import { createTextTokenizer, type TextTokenizer } from '@align-squad/onnx';
import { exchangeTokenIds } from '@align-squad/inspector';
import type { EncoderConfig } from '@align-squad/train';
import { readFile } from 'node:fs/promises';
import { paths } from './paths.js';

/** Criteria in the order of the encoder's heads. */
export const criteria = ['ethical', 'factual', 'helpful'] as const;

/** The recipe's tokenizer and the shape of its encoder. */
export interface RecipeModel {
  readonly tokenizer: TextTokenizer;
  readonly config: EncoderConfig;
}

/** Loads the tokenizer of the first stage and lays the encoder out around it. */
export async function loadRecipeModel(): Promise<RecipeModel> {
  const tokenizer = await createTextTokenizer(JSON.parse(await readFile(`${paths.runs}tokenizer.json`, 'utf8')));
  const config: EncoderConfig = {
    vocabularySize: tokenizer.vocabularySize,
    width: 128,
    layers: 4,
    attentionHeads: 4,
    feedForwardWidth: 512,
    maxTokens: 512,
    ngramBuckets: 524_288,
    criteria,
    specialIds: exchangeTokenIds((token) => tokenizer.tokenId(token)),
  };
  return { tokenizer, config };
}
