/** A stretch of a text as UTF-16 offsets [start, end). */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

// Intl.Segmenter ends a sentence after these; the next segment belongs to the same one.
const abbreviation =
  /(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|etc|approx|No|Fig|Inc|Ltd|Co|Gen|Sen|Rep|Rev|Mt)\.|\b(?:e\.g|i\.e|a\.m|p\.m|U\.S|U\.K)\.|\b[A-Z]\.|^\s*(?:\d+[.)]|[-*•]))\s*$/;
const fence = /^[ \t]*(?:```|~~~)/gm;

/**
 * Splits a text into sentences that cover it without gaps, trailing white space included.
 * A list item starts a new sentence; abbreviations, list numbers and fenced code do not end one.
 */
export function splitSentences(text: string): TextSpan[] {
  const spans: TextSpan[] = [];
  let start = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    const end = index + segment.length;
    const piece = text.slice(start, end);
    if (end < text.length && (piece.trim() === '' || abbreviation.test(piece) || isFenceOpen(piece))) continue;
    spans.push({ start, end });
    start = end;
  }
  return spans;
}

function isFenceOpen(piece: string): boolean {
  return (piece.match(fence)?.length ?? 0) % 2 === 1;
}
