import type { TokenizerJson } from './tokenizer-json.js';

/**
 * Returns the tokenizer.json with every special token renamed to a string that no text can hold, so that encoding
 * cannot produce its id, whatever the model: WordPiece and BPE look pieces up by name, Unigram matches names in text.
 * Ids stay as they are; other added tokens are kept.
 */
export function maskSpecialTokens(json: TokenizerJson, specialTokens: ReadonlyMap<string, number>): Record<string, unknown> {
  // A lone surrogate: `encode` replaces those in text, so only a masked name holds one.
  const mask = (token: string): string => (specialTokens.has(token) ? `\ud800${token}` : token);
  const { addedTokens, vocabulary: _, model, ...rest } = json;
  const lengths = new Set([...specialTokens.keys()].map((token) => token.length));
  // Most merges are told by their length alone, before they are put together.
  const isSpecial = (merge: string | readonly string[]): boolean => lengths.has(mergedLength(merge)) && specialTokens.has(merged(merge));
  return {
    normalizer: null,
    pre_tokenizer: null,
    decoder: null,
    ...rest,
    // Special tokens are placed by the caller, never by a template.
    post_processor: null,
    added_tokens: addedTokens.filter((token) => !specialTokens.has(token.content)),
    model: {
      ...model,
      vocab: maskVocabulary(model.vocab, specialTokens, mask),
      ...(model.merges === undefined ? {} : { merges: model.merges.filter((merge) => !isSpecial(merge)) }),
      ...(typeof model.unk_token === 'string' ? { unk_token: mask(model.unk_token) } : {}),
    },
  };
}

function maskVocabulary(
  vocab: TokenizerJson['model']['vocab'],
  specialTokens: ReadonlyMap<string, number>,
  mask: (token: string) => string,
): unknown {
  if (!Array.isArray(vocab)) {
    // A copy with few changes is made in a third of the time that new entries take.
    const masked: Record<string, unknown> = { ...vocab };
    for (const token of specialTokens.keys()) {
      if (!Object.hasOwn(masked, token)) continue;
      masked[mask(token)] = masked[token];
      delete masked[token];
    }
    return masked;
  }
  return vocab.map((entry: readonly [string, number]) => [mask(entry[0]), entry[1]]);
}

// Without this a merge could end in a masked name, and BPE drops a piece that it can't look up.
function merged(merge: string | readonly string[]): string {
  return typeof merge === 'string' ? merge.replace(' ', '') : merge.join('');
}

function mergedLength(merge: string | readonly string[]): number {
  if (typeof merge === 'string') return merge.includes(' ') ? merge.length - 1 : merge.length;
  return merge.reduce((sum, part) => sum + part.length, 0);
}
