import { alignerTokens } from '@align-squad/aligner';
import { trainByteLevelBpe, type BpeOptions } from './train-bpe.js';

/**
 * `trainByteLevelBpe` with the tokens of the aligner's layout as its special tokens, in upper and lower case, so that
 * every text comes back as it was but for Unicode normalisation (NFC).
 * @throws AlignSquadError `invalid-options` when the vocabulary is too small for bytes and special tokens.
 */
export function trainAlignerTokenizer(texts: Iterable<string>, options: Pick<BpeOptions, 'vocabularySize' | 'minCount'>): object {
  return trainByteLevelBpe(texts, { ...options, specialTokens: Object.values(alignerTokens), lowercase: false });
}
