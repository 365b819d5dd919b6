import type { TokenLogprob } from '@align-squad/core';
import type { Tensor } from '../session/tensor.js';

/** The `count` likeliest tokens of the last row of logits [1, tokens, vocabulary], likeliest first, with `name` for each id; ids without a name are left out. */
export function likelyTokens(logits: Tensor | undefined, count: number, name: (id: number) => string | undefined): TokenLogprob[] {
  if (logits?.type !== 'float32') return [];
  const row = logits.data.subarray(logits.data.length - (logits.dims.at(-1) ?? 0));
  const largest = row.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const logSum = largest + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
  const best: { readonly token: string; readonly logit: number }[] = [];
  for (const [id, logit] of row.entries()) {
    if (best.length === count && logit <= (best.at(-1)?.logit ?? 0)) continue;
    const token = name(id);
    if (token === undefined) continue;
    const place = best.findIndex((other) => other.logit < logit);
    best.splice(place < 0 ? best.length : place, 0, { token, logit });
    best.length = Math.min(best.length, count);
  }
  return best.map(({ token, logit }) => ({ token, logprob: logit - logSum }));
}
