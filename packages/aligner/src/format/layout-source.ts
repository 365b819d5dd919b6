import { promptText, type Exchange } from '@align-squad/core';
import type { AlignerTokenIds, AlignerTokenizer } from './aligner-tokens.js';
import { encodeText } from './encode-text.js';

/** Room of a model. */
export interface LayoutLimits {
  /** Most ids of one layout, markers included. */
  readonly maxTokens: number;
}

/**
 * Ids of `x [CONTEXT] c [INIT] y [ALIGNED]` (paper, section 3.3), the part from [CONTEXT] only where there is a context,
 * after the tokenizer's [BOS] where it has one; undefined when that is more than the model has room for, as nothing is cut off.
 */
export function layoutSource(
  tokenizer: AlignerTokenizer,
  special: AlignerTokenIds,
  exchange: Exchange,
  limits: LayoutLimits,
): number[] | undefined {
  const lead = layoutLead(tokenizer, special, exchange, limits);
  const response = lead && encodeText(tokenizer, special, exchange.response, limits.maxTokens);
  if (lead === undefined || response === undefined) return undefined;
  return within([...lead, ...response, ...special.aligned], limits);
}

/** Ids of `y' [DONE]`; undefined when that is more than there is room for. */
export function layoutTarget(
  tokenizer: AlignerTokenizer,
  special: AlignerTokenIds,
  correction: string,
  limits: LayoutLimits,
): number[] | undefined {
  const ids = encodeText(tokenizer, special, correction, limits.maxTokens);
  return ids && within([...ids, ...special.done], limits);
}

/** Ids of `x [CONTEXT] c [INIT]`, what comes before the response. */
export function layoutLead(
  tokenizer: AlignerTokenizer,
  special: AlignerTokenIds,
  { prompt, context = '' }: Pick<Exchange, 'prompt' | 'context'>,
  limits: LayoutLimits,
): number[] | undefined {
  const promptIds = encodeText(tokenizer, special, promptText(prompt).trim(), limits.maxTokens);
  const contextIds = promptIds && encodeText(tokenizer, special, context.trim(), limits.maxTokens);
  if (promptIds === undefined || contextIds === undefined) return undefined;
  const grounding = context.trim() === '' ? [] : [...special.context, ...contextIds];
  return within([...special.start, ...promptIds, ...grounding, ...special.init], limits);
}

function within(ids: number[], { maxTokens }: LayoutLimits): number[] | undefined {
  return ids.length > maxTokens ? undefined : ids;
}
