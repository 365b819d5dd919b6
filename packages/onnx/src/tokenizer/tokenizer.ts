import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import type { Tokenizer } from '@huggingface/tokenizers';
import { maskSpecialTokens } from './mask-special-tokens.js';
import { loadTokenizersModule } from './runtime.js';
import { sliceText } from './slice-text.js';
import { findSpecialTokens, parseTokenizerConfig, type TokenizerConfig } from './special-tokens.js';
import { parseTokenizerJson, type TokenizerJson } from './tokenizer-json.js';

/** Turns text into token ids and back. Text is data: nothing in it yields the id of a special token. */
export interface TextTokenizer {
  /**
   * Token ids of `text`, without special tokens around it.
   * The name of a special token in the text is spelt out in ordinary pieces; what the vocabulary can't spell becomes
   * its unknown token. Lone surrogates read as U+FFFD.
   * @throws AlignSquadError `invalid-options` when `text` is not a string.
   */
  encode(text: string): number[];
  /**
   * Text of token ids; special tokens, the unknown one among them, are left out.
   * @throws AlignSquadError `invalid-options` for an id outside the vocabulary.
   */
  decode(ids: readonly number[]): string;
  /** Id of a token by its name in tokenizer.json, special or not. */
  tokenId(token: string): number | undefined;
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** Names of the special tokens in the order of their ids. */
  readonly specialTokens: readonly string[];
}

// Unigram builds a lattice over a whole unbroken run and spreads its pieces into one call, which overflows the stack
// at about 120,000 pieces; BPE slows down on such runs.
const maxSliceLength = 16_384;

/**
 * Creates a tokenizer from a parsed tokenizer.json and, where there is one, tokenizer_config.json.
 * WordPiece, BPE and Unigram models are supported. Text beyond 16,384 UTF-16 units is encoded in slices that end
 * before a space; an unbroken run of that length is cut.
 * @throws AlignSquadError `model-invalid` when a file is not valid, `missing-dependency` without
 * @huggingface/tokenizers.
 */
export async function createTextTokenizer(tokenizerJson: unknown, tokenizerConfig?: unknown): Promise<TextTokenizer> {
  const json = parseTokenizerJson(tokenizerJson);
  const config = parseTokenizerConfig(tokenizerConfig);
  const module = await loadTokenizersModule();
  const special = findSpecialTokens(json, config);
  const tokenizer = buildTokenizer(module.Tokenizer, maskSpecialTokens(json, special), config);
  const specialIds = new Set(special.values());
  const vocabularySize = countIds(json);

  const forbiddenIds = new Set(specialIds);
  const unknownId = tokenizer.model?.unk_token_id;
  if (unknownId !== undefined) forbiddenIds.delete(unknownId);

  const encodeSlice = (text: string): number[] => {
    const { ids } = tokenizer.encode(text, { add_special_tokens: false });
    for (const id of ids) if (!Number.isInteger(id) || forbiddenIds.has(id)) throw unsafeTokenizer();
    return ids;
  };

  return {
    encode(text) {
      if (typeof text !== 'string') throw notText();
      const wellFormed = text.replace(/\p{Surrogate}/gu, '\ufffd');
      return wellFormed.length <= maxSliceLength
        ? encodeSlice(wellFormed)
        : sliceText(wellFormed, maxSliceLength).flatMap(encodeSlice);
    },
    decode(ids) {
      const ordinary = ids.filter((id) => !specialIds.has(id));
      if (ordinary.some((id) => tokenizer.id_to_token(id) === undefined)) throw outsideVocabulary(vocabularySize);
      return ordinary.length === 0 ? '' : tokenizer.decode(ordinary, { clean_up_tokenization_spaces: false });
    },
    tokenId: (token) => special.get(token) ?? tokenizer.token_to_id(token),
    vocabularySize,
    specialTokens: [...special.keys()],
  };
}

function buildTokenizer(Constructor: typeof Tokenizer, json: object, config: TokenizerConfig): Tokenizer {
  try {
    return new Constructor(json, config);
  } catch (error) {
    throw toAlignSquadError(error, 'Could not build a tokenizer from this `tokenizer.json`; it is not valid.', 'model-invalid');
  }
}

function countIds({ vocabulary, addedTokens }: TokenizerJson): number {
  let largest = vocabulary.largestId;
  for (const { id } of addedTokens) largest = Math.max(largest, id);
  return largest + 1;
}

function unsafeTokenizer(): AlignSquadError {
  return new AlignSquadError(
    'This `tokenizer.json` gives a text the id of a special token, or no id at all; check its `added_tokens` for an id used twice and its `model.unk_token`.',
    { code: 'model-invalid' },
  );
}

function notText(): AlignSquadError {
  return new AlignSquadError('Expected the text to encode to be a string.', { code: 'invalid-options' });
}

function outsideVocabulary(size: number): AlignSquadError {
  return new AlignSquadError(`Expected token ids of the vocabulary, which are whole numbers from 0 to ${size - 1}.`, { code: 'invalid-options' });
}
