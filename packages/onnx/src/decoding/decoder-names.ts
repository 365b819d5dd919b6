import type { CacheShape } from './cache-shape.js';
import type { ModelProto, ValueProto } from '../graph/model.js';

/** Name of the input that says for how many tokens at the end of a pass logits are wanted, int64 [1]; added by `editDecoder`. */
export const keptRowsName = 'align_squad_kept_rows';
/** Name of the likeliest tokens, int64 [batch, rows]; added by `editDecoder`. */
export const likeliestName = 'align_squad_likeliest';
/** Name of the sums of the logits, [batch, rows], which show whether all of them are numbers; added by `editDecoder`. */
export const logitSumName = 'align_squad_logit_sum';

/** Name of the input that says how many of the likeliest tokens are wanted of each row, 0 for none, int64 [1]; added by `editDecoder`. */
export const topCountName = 'align_squad_top_count';
/** Name of the input that logits are multiplied with before `topLogSumName`, [batch, 1, 1]; added by `editDecoder`. */
export const topScaleName = 'align_squad_top_scale';
/** Name of the likeliest tokens, int64 [batch, rows, count]; added by `editDecoder`. */
export const topIdsName = 'align_squad_top_ids';
/** Name of their logits, [batch, rows, count]; added by `editDecoder`. */
export const topLogitsName = 'align_squad_top_logits';
/** Name of the log of the sum of exponentials of the scaled row, [batch, rows]; added by `editDecoder`. */
export const topLogSumName = 'align_squad_top_log_sum';

const pastPrefix = 'past_key_values';

/** Whether an input holds keys or values of tokens before. */
export function isPast(name: string): boolean {
  return name.startsWith(pastPrefix);
}

/** Whether it holds those of the encoder, which stay the same from the first pass on. */
export function isEncoderPast(name: string): boolean {
  return isPast(name) && name.includes('.encoder.');
}

/** Name of the output that continues a past. */
export function presentOf(pastName: string): string {
  return pastName.replace(pastPrefix, 'present');
}

/** Shape of the KV cache as the graph declares it: [batch, heads, past, head size]; undefined where a size is free. */
export function declaredCacheShape({ graph }: ModelProto): CacheShape | undefined {
  const dims = graph.inputs.find(({ name }: ValueProto) => isPast(name))?.dims;
  const [, heads, , headSize] = dims ?? [];
  return dims?.length === 4 && typeof heads === 'number' && typeof headSize === 'number' ? { heads, headSize } : undefined;
}
