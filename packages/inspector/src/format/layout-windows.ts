import { createNearestParts } from './nearest-parts.js';
import type { LayoutTokenIds } from './special-ids.js';
import type { ExchangeTokens } from './tokenize-exchange.js';

/** Most tokens that each part of a window takes. */
export interface WindowLimits {
  /** The whole window, markers included. */
  readonly maxTokens: number;
  /** The prompt; of a longer one the start and the end are kept. */
  readonly promptTokens: number;
  /** The context, while the response needs the rest. */
  readonly contextTokens: number;
}

/** One input of the encoder. */
export interface TokenWindow {
  readonly ids: readonly number[];
  /** Where each sentence's marker stands in `ids`, with the sentence's index in the exchange; none where sentences are not marked. */
  readonly markers: readonly { readonly sentence: number; readonly position: number }[];
  /** Windows of the same stretch of the response, each with another part of the context, share a number. */
  readonly stretch: number;
}

interface Piece {
  readonly sentence: number;
  readonly ids: readonly number[];
}

const overlapTokens = 32;
// Parts of the context that a stretch is laid out with: cost grows with the response, not with its product with the context.
const mostContextParts = 3;
// Start, two separators between the parts and one at the end.
const frameTokens = 4;

/**
 * Lays an exchange out as `[CLS] prompt [SEP] context [SEP] ([SENT] sentence)* [SEP]`, without [SENT] where `special` has none.
 * What does not fit becomes several windows: stretches of the response that overlap by a sentence where one is short,
 * each with the three parts of the context that it shares most with. Nothing of the response is left out; of a long
 * context what no stretch draws on is, and the middle of a long prompt. Windows are laid out as they are asked for.
 */
export function* layoutWindows(
  tokens: ExchangeTokens,
  special: LayoutTokenIds,
  limits: WindowLimits,
): Generator<TokenWindow, void, undefined> {
  const prompt = shorten(tokens.prompt, limits.promptTokens);
  const room = limits.maxTokens - frameTokens - prompt.length;
  const marker = special.sentence === undefined ? [] : [special.sentence];
  const responseTokens = tokens.sentences.reduce((sum, { ids }) => sum + ids.length + marker.length, 0);
  const contextRoom = Math.max(limits.contextTokens, room - responseTokens);
  const contexts = chunks(tokens.context, Math.min(contextRoom, room - 1));
  const longest = contexts.reduce((most, { length }) => Math.max(most, length), 0);
  const stretches = packPieces(toPieces(tokens, room - longest - marker.length), room - longest, marker.length);
  const nearestParts = createNearestParts(contexts, mostContextParts);
  for (const [stretch, pieces] of stretches.entries()) {
    for (const context of nearestParts(pieces.flatMap((piece) => piece.ids))) {
      const ids = [special.start, ...prompt, special.separator, ...context, special.separator];
      const markers = pieces.flatMap(({ sentence, ids: piece }) => {
        const position = ids.length;
        for (const id of [...marker, ...piece]) ids.push(id);
        return marker.length > 0 ? [{ sentence, position }] : [];
      });
      ids.push(special.separator);
      yield { ids, markers, stretch };
    }
  }
}

function shorten(ids: readonly number[], limit: number): readonly number[] {
  if (ids.length <= limit) return ids;
  const head = Math.ceil(limit / 2);
  return [...ids.slice(0, head), ...ids.slice(ids.length - (limit - head))];
}

/** Overlapping pieces of at most `size` ids; one empty piece for no ids. */
function chunks(ids: readonly number[], size: number): (readonly number[])[] {
  if (ids.length <= size) return [ids];
  const step = Math.max(1, size - Math.min(overlapTokens, size >> 1));
  const parts: (readonly number[])[] = [];
  for (let start = 0; start < ids.length; start += step) {
    parts.push(ids.slice(start, start + size));
    if (start + size >= ids.length) break;
  }
  return parts;
}

/** Sentences longer than a window become several overlapping pieces. */
function toPieces(tokens: ExchangeTokens, size: number): Piece[] {
  return tokens.sentences.flatMap(({ ids }, sentence) => chunks(ids, size).map((part): Piece => ({ sentence, ids: part })));
}

/**
 * Fills stretches of at most `room` tokens, `markerTokens` of them before each piece; each stretch starts with the last
 * piece of the one before, where that is short.
 */
function packPieces(pieces: readonly Piece[], room: number, markerTokens: number): Piece[][] {
  const sizeOf = ({ ids }: Piece): number => ids.length + markerTokens;
  const stretches: Piece[][] = [[]];
  let used = 0;
  for (const piece of pieces) {
    const size = sizeOf(piece);
    if (used + size > room) {
      const last = stretches.at(-1)?.at(-1);
      const keep = last && sizeOf(last) + size <= room && last.ids.length < room / 4 ? [last] : [];
      stretches.push([...keep]);
      used = keep.reduce((sum, kept) => sum + sizeOf(kept), 0);
    }
    stretches.at(-1)?.push(piece);
    used += size;
  }
  return stretches;
}
