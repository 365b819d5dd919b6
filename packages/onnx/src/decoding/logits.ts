import { AlignSquadError } from '@align-squad/core';

/**
 * Index of the largest logit, of equal ones the first.
 * @throws AlignSquadError `model-invalid` where there are none, or one is not a number.
 */
export function largestOf(logits: Float32Array): number {
  let best = 0;
  for (let id = 0; id < logits.length; id++) {
    const value = logits[id] ?? Number.NaN;
    if (Number.isNaN(value)) throw notNumbers();
    if (value > (logits[best] ?? 0)) best = id;
  }
  if (logits.length === 0) throw notNumbers();
  return best;
}

/** The error of a decoder whose logits can't be used. */
export function notNumbers(): AlignSquadError {
  return new AlignSquadError('The decoder gave no usable `logits`: expected float32 numbers [batch, tokens, vocabulary].', { code: 'model-invalid' });
}
