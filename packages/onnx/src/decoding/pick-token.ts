import type { Random } from '@align-squad/core';
import { largestOf } from './logits.js';

/** How a token is drawn from logits. */
export interface Sampling {
  /** Divides the logits; 0 takes the likeliest token. */
  readonly temperature: number;
  /** Draw from this many likeliest tokens only. @default all */
  readonly topK?: number | undefined;
  /** Draw from the likeliest tokens that together have this probability (Holtzman et al. 2020). @default 1 */
  readonly topP?: number | undefined;
  /** Divides the logits above 0 of tokens that occurred, and multiplies those below (Keskar et al. 2019). @default 1 */
  readonly repetitionPenalty?: number | undefined;
}

/** Draws the next token; `seen` holds the tokens of prompt and text so far. Changes `logits` where a penalty asks for it. */
export function pickToken(logits: Float32Array, sampling: Sampling, seen: ReadonlySet<number>, random: Random): number {
  const { temperature, topK = logits.length, topP = 1, repetitionPenalty = 1 } = sampling;
  if (repetitionPenalty !== 1) penalize(logits, seen, repetitionPenalty);
  const best = largestOf(logits);
  if (temperature === 0 || topK === 1) return best;
  const top = logits[best] ?? 0;
  const weigh = (id: number): number => Math.exp(((logits[id] ?? Number.NEGATIVE_INFINITY) - top) / temperature);
  const candidates = sampling.topK !== undefined || topP < 1 ? likeliest(logits, { top, temperature, topK: Math.min(topK, logits.length), topP }) : undefined;
  const idAt = (index: number): number => candidates?.[index] ?? index;
  const drawn = drawFrom(candidates?.length ?? logits.length, (index) => weigh(idAt(index)), random);
  return drawn === undefined ? best : idAt(drawn);
}

/** The index that is drawn of `count` by their weights; undefined where rounding leaves a little at the end. */
export function drawFrom(count: number, weigh: (index: number) => number, random: Random): number | undefined {
  let total = 0;
  for (let index = 0; index < count; index++) total += weigh(index);
  let left = random.next() * total;
  for (let index = 0; index < count; index++) {
    left -= weigh(index);
    if (left < 0) return index;
  }
  return undefined;
}

/** A logit after the penalty, in float32. */
export function penalized(logit: number, penalty: number): number {
  return Math.fround(logit > 0 ? logit / penalty : logit * penalty);
}

function penalize(logits: Float32Array, seen: ReadonlySet<number>, penalty: number): void {
  for (const id of seen) {
    const logit = logits[id];
    if (logit !== undefined) logits[id] = penalized(logit, penalty);
  }
}

interface Cut {
  readonly top: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
}

/** Ids of the `topK` largest logits, and of these the fewest that reach the probability `topP`; largest first. */
function likeliest(logits: Float32Array, { top, temperature, topK, topP }: Cut): number[] {
  // Sorting a whole vocabulary would take longer than a pass of a small model: only what lies within reach of the largest is.
  let total = 0;
  for (const logit of logits) total += Math.exp((logit - top) / temperature);
  for (let reach = 4 * temperature; ; reach *= 4) {
    const isAll = reach > 1e9 || !Number.isFinite(reach);
    const near: number[] = [];
    for (let id = 0; id < logits.length; id++) {
      if (isAll || (logits[id] ?? Number.NEGATIVE_INFINITY) >= top - reach) near.push(id);
    }
    near.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
    const kept = near.slice(0, topK);
    // With both, the probability is that among the `topK`.
    const whole = topK < logits.length ? kept.reduce((sum, id) => sum + Math.exp(((logits[id] ?? 0) - top) / temperature), 0) : total;
    const count = countTo(kept, (id) => Math.exp(((logits[id] ?? 0) - top) / temperature), topP * whole);
    const isReached = near.length >= topK || (topK >= logits.length && count !== undefined);
    if (isReached || isAll) return kept.slice(0, count ?? kept.length);
  }
}

/** How many items it takes to reach the sum; undefined when all do not. */
export function countTo(ids: readonly number[], weigh: (id: number) => number, wanted: number): number | undefined {
  let sum = 0;
  for (const [index, id] of ids.entries()) {
    sum += weigh(id);
    if (sum >= wanted) return index + 1;
  }
  return undefined;
}
