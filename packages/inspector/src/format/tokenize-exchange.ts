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

// Characters between two pauses; prompt and context up to this length are encoded in one piece.
const stepLength = 16_384;

/** Tokenizes prompt, context and the response sentence by sentence. */
export function tokenizeExchange(tokenizer: TextToIds, exchange: Exchange): ExchangeTokens {
  const steps = tokenizeInSteps(tokenizer, exchange);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As `tokenizeExchange`, with a pause about every 16,384 characters for a caller that shares its thread. */
export function* tokenizeInSteps(tokenizer: TextToIds, exchange: Exchange): Generator<undefined, ExchangeTokens, undefined> {
  let spent = 0;
  function* encode(text: string): Generator<undefined, readonly number[], undefined> {
    if (text.trim() === '') return [];
    const ids: number[] = [];
    for (const slice of slices(text.trim())) {
      for (const id of tokenizer.encode(slice)) ids.push(id);
      spent += slice.length;
      if (spent < stepLength) continue;
      spent = 0;
      yield;
    }
    return ids;
  }
  const prompt = yield* encode(promptText(exchange.prompt));
  const context = yield* encode(exchange.context ?? '');
  const sentences: SentenceTokens[] = [];
  for (const span of splitSentences(exchange.response)) {
    const ids = yield* encode(exchange.response.slice(span.start, span.end));
    if (ids.length > 0) sentences.push({ ...span, ids });
  }
  return { prompt, context, sentences };
}

/** Cuts text before a space where the second half of a slice has one, and never inside a surrogate pair. */
function* slices(text: string): Generator<string, void, undefined> {
  let rest = 0;
  while (text.length - rest > stepLength) {
    const slice = text.slice(rest, rest + stepLength);
    const space = slice.lastIndexOf(' ');
    const whole = /[\ud800-\udbff]$/.test(slice) ? stepLength - 1 : stepLength;
    const length = space > stepLength / 2 ? space : whole;
    yield slice.slice(0, length);
    rest += length;
  }
  yield text.slice(rest);
}
