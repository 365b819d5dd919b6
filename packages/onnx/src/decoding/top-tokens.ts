import { notNumbers } from './logits.js';

/** The likeliest tokens of a row of logits, largest first, of equal ones the first in the vocabulary. */
export interface TopTokens {
  readonly ids: readonly number[];
  readonly logits: readonly number[];
  /** Natural logarithm of the sum of exponentials over the whole vocabulary, of logits divided by the temperature that was asked for. */
  readonly logSum: number;
  /** These are all tokens that there are. */
  readonly isAll: boolean;
}

/** A token that could have come, and its natural log-probability. */
export interface LikelyToken {
  readonly id: number;
  readonly logprob: number;
}

/** The `count` likeliest tokens of a whole row. @throws AlignSquadError `model-invalid` where a logit is not a number. */
export function topTokensOf(row: Float32Array, count: number): TopTokens {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of row) {
    if (Number.isNaN(logit)) throw notNumbers();
    if (logit > largest) largest = logit;
  }
  let sum = 0;
  const best: { readonly id: number; readonly logit: number }[] = [];
  row.forEach((logit, id) => {
    sum += Math.exp(logit - largest);
    if (best.length === count && logit <= (best.at(-1)?.logit ?? 0)) return;
    const place = best.findIndex((other) => other.logit < logit);
    best.splice(place < 0 ? best.length : place, 0, { id, logit });
    best.length = Math.min(best.length, count);
  });
  return { ids: best.map(({ id }) => id), logits: best.map(({ logit }) => logit), logSum: largest + Math.log(sum), isAll: best.length === row.length };
}

/** The log-probabilities of the first `count`; `logSum` must be that of temperature 1. */
export function likelyTokens({ ids, logits, logSum }: TopTokens, count: number): LikelyToken[] {
  return ids.slice(0, count).map((id, index) => ({ id, logprob: (logits[index] ?? Number.NaN) - logSum }));
}
