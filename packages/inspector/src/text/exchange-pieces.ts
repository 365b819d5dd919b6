import { promptText, type Exchange } from '@align-squad/core';
import type { ResponseTexts } from '@align-squad/llm/prompts';
import { pause } from '../contract/pause.js';
import { createNearestParts } from '../format/nearest-parts.js';
import type { InspectorHead } from '../pack/manifest.js';
import { poolWindows } from '../pack/window-scores.js';
import { overlappingPieces } from './overlapping-pieces.js';
import { shortenMiddle } from './shorten-middle.js';

/** A part of an exchange that is judged on its own. */
export interface ExchangePiece {
  readonly texts: ResponseTexts;
  /** Pieces of the same stretch of the response, each with another part of the context, share a number. */
  readonly stretch: number;
}

// As windows of a pack: cost grows with the response, not with its product with the context.
const mostContextParts = 3;

/**
 * Cuts an exchange into pieces whose texts have at most `maxCharacters` UTF-16 units each: overlapping stretches of the
 * response, each with the three parts of the context that it shares most words with. Of a longer prompt the start and
 * the end are kept. Nothing of the response is left out. Rejects with the signal's reason.
 */
export async function exchangePieces({ prompt, context, response }: Exchange, maxCharacters: number, signal: AbortSignal): Promise<ExchangePiece[]> {
  const question = prompt === undefined ? undefined : shortenMiddle(promptText(prompt), maxCharacters);
  const contexts = context === undefined || context === '' ? [context] : await cut(context, maxCharacters, signal);
  const nearest = nearestTexts(contexts);
  const pieces: ExchangePiece[] = [];
  for (const [stretch, text] of (await cut(response, maxCharacters, signal)).entries()) {
    for (const part of nearest(text)) pieces.push({ texts: { prompt: question, context: part, response: text }, stretch });
    if (stretch > 0) await pause(signal);
  }
  return pieces;
}

async function cut(text: string, room: number, signal: AbortSignal): Promise<string[]> {
  const pieces: string[] = [];
  for (const { start, end } of overlappingPieces(text, { room })) {
    if (pieces.length > 0) await pause(signal);
    pieces.push(text.slice(start, end));
  }
  return pieces;
}

/** P(misaligned) of a piece. */
export interface PieceScore {
  readonly stretch: number;
  readonly misalignment: number;
}

/** P(misaligned) of an exchange: of its worst stretch, and of the part of the context that supports that most where the criterion needs one. */
export function poolPieces(scores: readonly PieceScore[], { needsContext }: Pick<InspectorHead, 'needsContext'>): number {
  const windows = scores.map(({ stretch, misalignment }) => ({ window: { stretch, markers: [] }, response: [misalignment], sentences: [] }));
  return poolWindows(windows, { needsContext, acrossStretches: 'max' }, 0).response;
}

function nearestTexts(contexts: readonly (string | undefined)[]): (stretch: string) => readonly (string | undefined)[] {
  if (contexts.length <= mostContextParts) return () => contexts;
  const ids = new Map<string, number>();
  const idOf = (word: string): number => ids.get(word) ?? (ids.set(word, ids.size), ids.size - 1);
  const wordIds = (text = ''): number[] => Array.from(text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu), ([word]) => idOf(word));
  const parts: readonly (readonly number[])[] = contexts.map((context) => wordIds(context));
  const nearest = createNearestParts(parts, mostContextParts);
  return (stretch) => nearest(wordIds(stretch)).map((part) => contexts[parts.indexOf(part)]);
}
