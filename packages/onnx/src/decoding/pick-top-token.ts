import type { Random } from '@align-squad/core';
import { countTo, drawFrom, penalized, type Sampling } from './pick-token.js';
import type { TopTokens } from './top-tokens.js';

/**
 * The token that `pickToken` draws from the whole row with the same numbers, told by its likeliest tokens alone; undefined where these do
 * not tell, and then no random number was taken. Where `topP` is without `topK`, `logSum` must be that of `temperature`.
 */
export function pickTopToken(top: TopTokens, sampling: Sampling, seen: ReadonlySet<number>, random: Random): number | undefined {
  const { temperature, topK, topP = 1, repetitionPenalty = 1 } = sampling;
  const { ids, logits, values } = certainOf(top, repetitionPenalty, seen);
  const [best] = ids;
  const count = temperature === 0 ? 1 : topK;
  if (best === undefined || (count !== undefined && !top.isAll && ids.length < count)) return undefined;
  if (count === 1) return best;
  const largest = values[0] ?? 0;
  const weigh = (index: number): number => Math.exp(((values[index] ?? Number.NEGATIVE_INFINITY) - largest) / temperature);
  const draw = (most: number): number => ids[drawFrom(most, weigh, random) ?? 0] ?? best;
  const kept = Math.min(count ?? ids.length, ids.length);
  const isWhole = count !== undefined || top.isAll;
  // The sum over all tokens is known only of logits without a penalty.
  if (!isWhole && (topP === 1 || repetitionPenalty !== 1)) return undefined;
  if (topP === 1) return draw(kept);
  const weights = Array.from({ length: kept }, (_, index) => weigh(index));
  const whole = isWhole ? weights.reduce((sum, weight) => sum + weight, 0) : Math.exp(top.logSum - (logits[0] ?? 0) / temperature);
  const reached = countTo(weights, (weight) => weight, topP * whole);
  return reached === undefined && !isWhole ? undefined : draw(reached ?? kept);
}

interface CertainTokens {
  readonly ids: readonly number[];
  readonly logits: readonly number[];
  /** Logits after the penalty, largest first. */
  readonly values: readonly number[];
}

/** The tokens that are surely likelier than all others after the penalty, which lowers logits only. */
function certainOf({ ids, logits, isAll }: TopTokens, penalty: number, seen: ReadonlySet<number>): CertainTokens {
  if (penalty === 1) return { ids, logits, values: logits };
  const floor = isAll ? Number.NEGATIVE_INFINITY : (logits.at(-1) ?? 0);
  const tokens = ids.map((id, index) => {
    const logit = logits[index] ?? Number.NaN;
    return { id, logit, value: seen.has(id) ? penalized(logit, penalty) : logit };
  });
  const certain = tokens.filter(({ value }) => isAll || value > floor).sort((a, b) => b.value - a.value || a.id - b.id);
  return { ids: certain.map(({ id }) => id), logits: certain.map(({ logit }) => logit), values: certain.map(({ value }) => value) };
}
