import { loadTextTokenizer, type TextTokenizer } from '@align-squad/onnx';
import { paths } from './paths.js';

/** Criteria in the order of the encoder's heads. */
export const criteria = ['ethical', 'factual', 'helpful'] as const;

/** The tokenizer that the inspector stage trained. */
export function loadRecipeTokenizer(): Promise<TextTokenizer> {
  return loadTextTokenizer(paths.inspector);
}
