import type { Exchange } from '@align-squad/core';
import type { AlignerTokenIds, AlignerTokenizer } from './aligner-tokens.js';
import { encodeText } from './encode-text.js';
import { layoutLead, type LayoutLimits } from './layout-source.js';

/** What an edit tagger reads, and where its tags stand. */
export interface WordLayout {
  readonly ids: number[];
  /** Positions in `ids` of the tags: the first token of each word, then the first of [ALIGNED] for the end. */
  readonly positions: number[];
}

/**
 * Ids of `x [CONTEXT] c [INIT] word word ... [ALIGNED]` with each word encoded on its own; `words` are those of the
 * exchange's response (`splitWords`). Undefined when that is more than the model has room for.
 */
export function layoutWords(
  tokenizer: AlignerTokenizer,
  special: AlignerTokenIds,
  exchange: Pick<Exchange, 'prompt' | 'context'> & { readonly words: readonly string[] },
  limits: LayoutLimits,
): WordLayout | undefined {
  const ids = layoutLead(tokenizer, special, exchange, limits);
  if (ids === undefined) return undefined;
  const positions: number[] = [];
  for (const word of exchange.words) {
    positions.push(ids.length);
    const room = limits.maxTokens - ids.length - special.aligned.length;
    const pieces = room < 1 ? undefined : encodeText(tokenizer, special, word, room);
    if (pieces === undefined) return undefined;
    ids.push(...(pieces.length === 0 ? [special.unknown] : pieces));
  }
  positions.push(ids.length);
  ids.push(...special.aligned);
  return ids.length > limits.maxTokens ? undefined : { ids, positions };
}
