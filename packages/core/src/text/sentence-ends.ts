import { abbreviates, awaitsNextWord } from './abbreviations.js';
import { fenceAfter, looksLikeFence } from './fences.js';
import type { TextWindow } from './text-window.js';

/** Most characters behind a place that decide whether a sentence ends there. */
export const sentenceLookahead = 64;
/** Most characters before the scanner's place that it still reads. */
export const sentenceLookbehind = 128;

const wordReach = 24;
const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
const listMarker = /^\s*(?:\d{1,9}[.)]|[-*•])\s*$/;
const quotedShout = /[!?]["'”’)\]]+$/;
// The full stops of Unicode's sentence rules (UAX 29); only after these does it matter what the next word is.
const fullStop = /[.\u2024\ufe52\uff0e][^\p{L}\p{N}]*$/u;
const plainEnd = /[.!?]["'”’)\]]*\s+$/;
const lineBreak = /\r\n|[\n\r\u0085\u2028\u2029]/;
const blanks = /[^\S\n\r\u0085\u2028\u2029]*/y;
const lineEnd = /\r\n|[\n\r\u0085\u2028\u2029]/g;
const lineEndHere = /\r\n|[\n\r\u0085\u2028\u2029]/y;
const terminatorOrLineEnd = /\p{Sentence_Terminal}|\r\n|[\n\r\u0085\u2028\u2029]/gu;
const terminators = /[\p{Sentence_Terminal}\p{M}\p{Cf}\p{Ps}\p{Pe}\p{Pi}\p{Pf}"']*/uy;

/** Asks for more text: `more`. Otherwise the offset at which a sentence ends. */
export type SentenceScan = Generator<number | 'more', void>;

/**
 * Finds the ends of the sentences of a growing text, in order. Each is decided by the text before it and at most
 * `sentenceLookahead` characters behind it, read in an order that the text alone sets, so that it does not matter in
 * which pieces the text comes.
 */
export function* scanSentenceEnds(text: TextWindow): SentenceScan {
  let fence: string | undefined;
  let lineStart = 0;
  for (;;) {
    const wasFenced = fence !== undefined;
    fence = yield* readFence(text, lineStart, fence);
    let next: number;
    if (fence !== undefined || wasFenced) {
      next = yield* findLineEnd(text, lineStart);
      if (fence === undefined) {
        next = yield* skipBlankLines(text, next);
        yield next;
      }
    } else {
      next = yield* scanLine(text, lineStart);
    }
    if (text.isWhole && next >= text.length) return;
    lineStart = next;
  }
}

/** Waits for the character at `offset`; false when the text ends before it. */
function* reaches(text: TextWindow, offset: number): Generator<'more', boolean> {
  while (offset >= text.length) {
    if (text.isWhole) return false;
    yield 'more';
  }
  return true;
}

/** Passes over what a sticky pattern matches, also where it comes in pieces. */
function* skip(text: TextWindow, pattern: RegExp, start: number): Generator<'more', number> {
  let offset = start;
  do offset += text.match(pattern, offset)?.text.length ?? 0;
  while (offset >= text.length && (yield* reaches(text, offset)));
  return offset;
}

function* readFence(text: TextWindow, lineStart: number, open: string | undefined): Generator<'more', string | undefined> {
  const limit = lineStart + sentenceLookahead;
  for (;;) {
    const head = text.slice(lineStart, limit);
    const line = head.split(lineBreak, 1)[0] ?? '';
    const isSettled = line.length < head.length || text.length >= limit || text.isWhole;
    const looks = looksLikeFence(line);
    if (looks === 'no') return open;
    if (isSettled) return fenceAfter(line, open);
    yield 'more';
  }
}

/** The offset behind the next line end, or the end of the text. */
function* findLineEnd(text: TextWindow, start: number): Generator<'more', number> {
  let offset = start;
  for (;;) {
    const found = text.match(lineEnd, offset);
    if (found) return found.index + found.text.length;
    offset = text.length;
    if (!(yield* reaches(text, offset))) return offset;
  }
}

/** Passes over blank lines: they belong to the sentence before them. */
function* skipBlankLines(text: TextWindow, start: number): Generator<'more', number> {
  let offset = start;
  for (;;) {
    const end = yield* findBlankEnd(text, offset);
    if (end === undefined) return offset;
    offset = end;
  }
}

function* findBlankEnd(text: TextWindow, start: number): Generator<'more', number | undefined> {
  for (;;) {
    const margin = text.match(blanks, start)?.text.length ?? 0;
    if (margin >= sentenceLookahead) return undefined;
    const found = text.match(lineEndHere, start + margin);
    if (found) return found.index + found.text.length;
    if (start + margin < text.length) return undefined;
    if (!text.isWhole) yield 'more';
    else return margin === 0 ? undefined : text.length;
  }
}

/** Yields the ends within a line that is not fenced code; returns where the next line starts. */
function* scanLine(text: TextWindow, lineStart: number): Generator<number | 'more', number> {
  let offset = yield* skip(text, blanks, lineStart);
  const blankEnd = text.match(lineEndHere, offset);
  if (blankEnd) return blankEnd.index + blankEnd.text.length;
  for (;;) {
    const found = text.match(terminatorOrLineEnd, offset);
    if (!found) {
      offset = text.length;
      if (!(yield* reaches(text, offset))) return offset;
      continue;
    }
    const foundEnd = found.index + found.text.length;
    if (lineBreak.test(found.text)) {
      if (isListMarker(text, lineStart, foundEnd)) return foundEnd;
      const end = yield* skipBlankLines(text, foundEnd);
      yield end;
      return end;
    }
    offset = yield* skip(text, blanks, yield* skip(text, terminators, foundEnd));
    if (yield* isSentenceEnd(text, lineStart, offset)) yield offset;
  }
}

function* isSentenceEnd(text: TextWindow, lineStart: number, offset: number): Generator<'more', boolean> {
  if (!(yield* reaches(text, offset))) return false;
  const tail = text.slice(Math.max(lineStart, offset - sentenceLookahead), offset);
  const words = tail.trimEnd().slice(-wordReach);
  const first = String.fromCodePoint(text.slice(offset, offset + 2).codePointAt(0) ?? 0);
  if (lineBreak.test(first) || isListMarker(text, lineStart, offset)) return false;
  const isClear = !fullStop.test(words) || (/\p{L}/u.test(first) && !awaitsNextWord(words));
  if (!isClear) yield* reaches(text, offset + wordReach - 1);
  const next = isClear ? first : text.slice(offset, offset + wordReach);
  if (!segmentEnds(tail, first, next)) return false;
  if (quotedShout.test(words)) return !/^\p{Ll}/u.test(next);
  return !(words.endsWith('.') && abbreviates(words, next));
}

function segmentEnds(tail: string, first: string, next: string): boolean {
  // by far the most frequent case, for which the rules need no segmenter
  if (plainEnd.test(tail) && /\p{Lu}/u.test(first)) return true;
  return segmenter.segment(tail + next).containing(tail.length)?.index === tail.length;
}

function isListMarker(text: TextWindow, lineStart: number, offset: number): boolean {
  return offset - lineStart <= sentenceLookahead && listMarker.test(text.slice(lineStart, offset));
}
