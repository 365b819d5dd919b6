import { abbreviates } from './abbreviations.js';

/** A stretch of a text as UTF-16 offsets [start, end). */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** Most UTF-16 units of one sentence; a longer one is cut at white space, or hard where there is none. */
export const maxSentenceLength = 2000;

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
const listMarker = /^\s*(?:\d{1,9}[.)]|[-*•])\s*$/;
const lineEnds = /\r\n|[\n\r\u0085\u2028\u2029]/g;
const lineBreak = /[\n\r\u0085\u2028\u2029]/;
const quotedShout = /[!?]["'”’)\]]+$/;
// Sticky and within the line, so that each line is read at most once.
const fenceLine = /[ \t>]*(`{3,}|~{3,})([^\n\r\u0085\u2028\u2029]*)/y;
const tailLength = 24;
const smallWindow = 256;

/**
 * Splits a text into sentences that cover it without gaps, trailing white space included.
 * The end of a line ends a sentence; abbreviations, list markers and lines of fenced code do not.
 * No sentence is longer than `maxSentenceLength`, and none starts or ends inside a surrogate pair. Time is linear.
 */
export function splitSentences(text: string): TextSpan[] {
  const spans: TextSpan[] = [];
  let start = 0;
  for (const end of sentenceEnds(text)) {
    while (end - start > maxSentenceLength) {
      const cut = cutPoint(text, start);
      spans.push({ start, end: cut });
      start = cut;
    }
    spans.push({ start, end });
    start = end;
  }
  return spans;
}

function sentenceEnds(text: string): number[] {
  const ends: number[] = [];
  let fence: string | undefined;
  // The text after the last end stays together with what follows.
  let open = false;
  for (const line of lines(text)) {
    const wasFenced = fence !== undefined;
    fence = fenceAfter(text, line.start, fence);
    if (fence !== undefined) {
      open = true;
    } else if (wasFenced) {
      open = false;
      ends.push(line.end);
    } else if (text.slice(line.start, line.end).trim() === '') {
      if (!open && ends.length > 0) ends[ends.length - 1] = line.end;
      else open = true;
    } else {
      for (const piece of segments(text, line)) {
        open = continues(text, piece, piece.start === line.start);
        if (!open) ends.push(piece.end);
      }
    }
  }
  if (text.length > (ends.at(-1) ?? 0)) ends.push(text.length);
  return ends;
}

function* lines(text: string): Generator<TextSpan> {
  let start = 0;
  for (const { 0: lineEnd, index } of text.matchAll(lineEnds)) {
    const end = index + lineEnd.length;
    yield { start, end };
    start = end;
  }
  if (start < text.length) yield { start, end: text.length };
}

// A step of the segmenter takes time in proportion to its whole text, so it is given a small window at a time.
function* segments(text: string, line: TextSpan): Generator<TextSpan> {
  let start = line.start;
  let length = smallWindow;
  while (start < line.end) {
    const windowEnd = Math.min(start + length, line.end);
    const found = Array.from(segmenter.segment(text.slice(start, windowEnd)), ({ segment, index }) => ({
      start: start + index,
      end: start + index + segment.length,
    }));
    if (windowEnd === line.end) return yield* found;
    // The last one may go on after the window.
    const last = found.pop();
    yield* found;
    if (last !== undefined && found.length > 0) {
      start = last.start;
      length = smallWindow;
    } else if (length < maxSentenceLength) {
      length *= 2;
    } else {
      const end = cutPoint(text, start);
      yield { start, end };
      start = end;
    }
  }
}

/** Whether the sentence goes on after `piece`. */
function continues(text: string, piece: TextSpan, startsLine: boolean): boolean {
  const words = text.slice(piece.start, piece.end).trimEnd();
  if (startsLine && words.length < tailLength && listMarker.test(words)) return true;
  if (lineBreak.test(text.charAt(piece.end - 1))) return false;
  const tail = words.slice(-tailLength);
  const next = text.slice(piece.end, piece.end + tailLength);
  if (quotedShout.test(tail)) return /^\p{Ll}/u.test(next);
  return tail.endsWith('.') && abbreviates(tail, next);
}

/** The fence that is open after the line at `index`, by CommonMark's rules: a closing fence is as long and stands alone. */
function fenceAfter(text: string, index: number, open: string | undefined): string | undefined {
  fenceLine.lastIndex = index;
  const match = fenceLine.exec(text);
  const marks = match?.[1];
  if (match === null || marks === undefined) return open;
  const rest = match[2] ?? '';
  if (open === undefined) return marks.startsWith('`') && rest.includes('`') ? undefined : marks;
  const closes = marks.startsWith(open) && rest.trim() === '';
  return closes ? undefined : open;
}

function cutPoint(text: string, start: number): number {
  const limit = start + maxSentenceLength;
  const untilSpace = /^[^]*\s/.exec(text.slice(start, limit));
  const cut = untilSpace === null ? limit : start + untilSpace[0].length;
  return splitsPair(text, cut) && cut - 1 > start ? cut - 1 : cut;
}

function splitsPair(text: string, cut: number): boolean {
  return /^(?:\r\n|[\ud800-\udbff][\udc00-\udfff])$/.test(text.slice(cut - 1, cut + 1));
}
