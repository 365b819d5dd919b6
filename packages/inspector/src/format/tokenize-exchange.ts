import { promptText, splitSentences, type Exchange, type TextSpan } from '@align-squad/core';

/** Turns plain text into token ids; special tokens in the text must not become special ids. */
export interface TextToIds {
  encode(text: string): readonly number[];
}

/** A sentence of the response with its token ids. */
export interface SentenceTokens extends TextSpan {
  readonly ids: readonly number[];
}

/** An exchange as token ids, before it is laid out in windows. */
export interface ExchangeTokens {
  readonly prompt: readonly number[];
  readonly context: readonly number[];
  /** Sentences of the response that hold at least one token. */
  readonly sentences: readonly SentenceTokens[];
}

/** Tokenizes prompt, context and the response sentence by sentence. */
export function tokenizeExchange(tokenizer: TextToIds, exchange: Exchange): ExchangeTokens {
  const encode = (text: string): readonly number[] => (text.trim() === '' ? [] : tokenizer.encode(text.trim()));
  const sentences = splitSentences(exchange.response)
    .map((span): SentenceTokens => ({ ...span, ids: encode(exchange.response.slice(span.start, span.end)) }))
    .filter(({ ids }) => ids.length > 0);
  return { prompt: encode(promptText(exchange.prompt)), context: encode(exchange.context ?? ''), sentences };
}
