import type { TokenLogprob } from '@align-squad/core';
import type { LlamaToken } from './llama-binding.js';

/** What `tokenLogprobs` reads probabilities by. */
export interface TokenLogprobsOptions {
  /** Most tokens to tell of. */
  readonly count: number;
  /** Temperature that the probabilities were made at; 0 makes them as 1 does. */
  readonly temperature: number;
  readonly name: (token: LlamaToken) => string;
}

/** The likeliest tokens of a place, as the model has them at temperature 1, from the probabilities of all tokens, likeliest first. */
export function tokenLogprobs(probabilities: ReadonlyMap<LlamaToken, number>, { count, temperature, name }: TokenLogprobsOptions): TokenLogprob[] {
  // softmax(logits / T) to the power of T is softmax(logits), but for the sum.
  const power = temperature > 0 ? temperature : 1;
  let sum = 0;
  for (const probability of probabilities.values()) sum += probability ** power;
  const best: TokenLogprob[] = [];
  for (const [token, probability] of probabilities) {
    if (best.length === count || probability <= 0) break;
    best.push({ token: name(token), logprob: power * Math.log(probability) - Math.log(sum) });
  }
  return best;
}
