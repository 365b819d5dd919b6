import type { OnnxSession } from '../session/session.js';
import { float32, int64, type Tensor } from '../session/tensor.js';
import type { CacheShape } from './cache-shape.js';

/** What the reference decodes with. */
export interface GreedyReference {
  readonly decoder: OnnxSession;
  readonly cache: CacheShape;
  /** Of an encoder-decoder, with the token that its decoder begins with. @default none */
  readonly encoder?: OnnxSession | undefined;
  readonly startId?: number | undefined;
}

/** The loop that anyone would write, against which tests hold the engine: one token a pass, the whole cache out and in, all logits. */
export async function greedyReference({ decoder, cache, encoder, startId }: GreedyReference, ids: readonly number[], maxTokens: number): Promise<number[]> {
  const constants = encoder ? await encode(encoder, ids) : {};
  const text = startId === undefined ? [...ids] : [startId];
  const given: number[] = [];
  let past: Readonly<Record<string, Tensor>> = {};
  for (let fed = 0; given.length < maxTokens; ) {
    const isFirst = fed === 0;
    const now = text.slice(fed);
    const all: Record<string, Tensor> = {
      ...constants,
      input_ids: int64(now, [1, now.length]),
      attention_mask: int64(text.map(() => 1), [1, text.length]),
      position_ids: int64(now.map((_, index) => fed + index), [1, now.length]),
      use_cache_branch: { type: 'bool', data: Uint8Array.of(isFirst ? 0 : 1), dims: [1] },
    };
    const none = float32(new Float32Array(0), [1, cache.heads, 0, cache.headSize]);
    const outputs = await decoder.run(Object.fromEntries(decoder.inputNames.map((name) => [name, all[name] ?? past[name] ?? none])));
    const pasts = decoder.inputNames.filter((name) => name.startsWith('past') && (isFirst || !name.includes('.encoder.')));
    past = { ...past, ...Object.fromEntries(pasts.map((name) => [name, outputs[name.replace('past_key_values', 'present')] ?? none])) };
    fed = text.length;
    const { data, dims } = outputs['logits'] ?? none;
    const row = Array.from(data.subarray(data.length - (dims.at(-1) ?? 0)), Number);
    const id = row.indexOf(Math.max(...row));
    given.push(id);
    text.push(id);
  }
  return given;
}

async function encode(encoder: OnnxSession, ids: readonly number[]): Promise<Record<string, Tensor>> {
  const [row, mask] = [int64(ids, [1, ids.length]), int64(ids.map(() => 1), [1, ids.length])];
  const named = { input_ids: row, attention_mask: mask };
  const { last_hidden_state } = await encoder.run(Object.fromEntries(Object.entries(named).filter(([name]) => encoder.inputNames.includes(name))));
  return { ...(last_hidden_state && { encoder_hidden_states: last_hidden_state }), encoder_attention_mask: mask };
}
