import { createSentenceSplitter } from './sentence-splitter.js';

/** A stretch of a text as UTF-16 offsets [start, end). */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Splits a text into sentences that cover it without gaps, trailing white space included; the rules are those of
 * `createSentenceSplitter`. No sentence has more than 2,000 UTF-16 units, and none starts or ends inside a surrogate
 * pair. Time is linear.
 */
export function splitSentences(text: string): TextSpan[] {
  const splitter = createSentenceSplitter();
  let start = 0;
  return [...splitter.push(text), ...splitter.end()].map(({ length }) => {
    const end = start + length;
    const span = { start, end };
    start = end;
    return span;
  });
}
