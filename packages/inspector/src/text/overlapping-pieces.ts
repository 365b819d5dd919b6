import { splitSentences, type TextSpan } from '@align-squad/core';

/** How a text is cut into pieces. */
export interface PieceOptions {
  /** Most that a piece measures. */
  readonly room: number;
  /** Measures a text; at most the sum of its parts. @default UTF-16 units */
  readonly sizeOf?: ((text: string) => number) | undefined;
}

interface Atom extends TextSpan {
  readonly size: number;
}

// UTF-16 units that one unit of another measure, as a token, may stand for.
const mostPerUnit = 32;

/**
 * Cuts a text into pieces of at most `room` that end where sentences do and overlap by a sentence where one is short.
 * Nothing is left out: a sentence that is longer than a quarter of the room is halved until it is not. A text that fits
 * is one piece. Time is linear; pieces are made as they are asked for.
 */
export function* overlappingPieces(
  text: string,
  { room, sizeOf = (part) => part.length }: PieceOptions,
): Generator<TextSpan, void, undefined> {
  // A text that is far longer is not worth measuring as a whole.
  if (text.length <= room * mostPerUnit && sizeOf(text) <= room) {
    if (text !== '') yield { start: 0, end: text.length };
    return;
  }
  let piece: Atom[] = [];
  let used = 0;
  for (const atom of atoms(text, room / 4, sizeOf)) {
    const last = piece.at(-1);
    if (last && used + atom.size > room) {
      yield spanOf(piece);
      piece = last.size <= room / 4 && last.size + atom.size <= room ? [last] : [];
      used = piece.reduce((sum, { size }) => sum + size, 0);
    }
    piece.push(atom);
    used += atom.size;
  }
  if (piece.length > 0) yield spanOf(piece);
}

function spanOf(piece: readonly Atom[]): TextSpan {
  return { start: piece[0]?.start ?? 0, end: piece.at(-1)?.end ?? 0 };
}

// Sentences are found a block at a time, as that takes long for a whole book; a block holds several.
const blockLength = 16_384;

function* atoms(text: string, most: number, sizeOf: (text: string) => number): Generator<Atom> {
  let start = 0;
  while (start < text.length) {
    const sentences = splitSentences(text.slice(start, start + blockLength));
    // The last one may go on after the block.
    if (start + blockLength < text.length && sentences.length > 1) sentences.pop();
    const block = start;
    for (const sentence of sentences) {
      start = block + sentence.end;
      yield* halves(text, { start: block + sentence.start, end: start }, most, sizeOf);
    }
  }
}

function* halves(text: string, { start, end }: TextSpan, most: number, sizeOf: (text: string) => number): Generator<Atom> {
  const size = sizeOf(text.slice(start, end));
  const middle = middleOf(text, start, end);
  if (size <= most || middle <= start) return yield { start, end, size };
  yield* halves(text, { start, end: middle }, most, sizeOf);
  yield* halves(text, { start: middle, end }, most, sizeOf);
}

/** An offset in the middle: after a space where there is one before it, and never inside a surrogate pair. */
function middleOf(text: string, start: number, end: number): number {
  const half = (end - start) >> 1;
  const space = text.slice(start, start + half).lastIndexOf(' ');
  if (space >= 0) return start + space + 1;
  const code = text.charCodeAt(start + half);
  return code >= 0xdc00 && code <= 0xdfff ? start + half - 1 : start + half;
}
