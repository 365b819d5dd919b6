import { AlignSquadError } from '@align-squad/core';
import type { OnnxSession } from '../session/session.js';
import { float32, int64, type Tensor } from '../session/tensor.js';
import type { CacheShape } from './cache-shape.js';

/** What a decoder has seen so far. */
export interface DecoderState {
  readonly ids: readonly number[];
  /** Keys and values of `ids`, by the names of the graph's inputs; none before the first pass, or of a graph without such inputs. */
  readonly cache: Readonly<Record<string, Tensor>>;
}

/** What one pass of a decoder works with. */
export interface DecoderPass {
  readonly session: OnnxSession;
  readonly shape: CacheShape;
  /** Inputs that stay the same in every pass. */
  readonly constants: Readonly<Record<string, Tensor>>;
}

/** The state of a decoder that has seen nothing. */
export const emptyState: DecoderState = { ids: [], cache: {} };

const pastPrefix = 'past_key_values';

/** Runs `ids` on top of what the decoder has seen; a graph without a cache sees all of it again. Without `fetchLogits` there are none. */
export async function runDecoder(
  { session, shape, constants }: DecoderPass,
  state: DecoderState,
  ids: readonly number[],
  fetchLogits: boolean,
): Promise<{ readonly state: DecoderState; readonly logits: Tensor | undefined }> {
  const pastNames = session.inputNames.filter((name) => name.startsWith(pastPrefix));
  const seen = [...state.ids, ...ids];
  if (pastNames.length === 0 && !fetchLogits) return { state: { ...state, ids: seen }, logits: undefined };
  const fed = pastNames.length === 0 ? seen : ids;
  const inputs: Record<string, Tensor> = { ...constants };
  for (const name of session.inputNames) {
    inputs[name] ??= name.startsWith(pastPrefix) ? (state.cache[name] ?? emptyPast(shape)) : inputNamed(name, fed, seen);
  }
  // From the second pass on merged graphs give placeholders for what attends to the encoder, which does not change.
  const updated = pastNames.filter((name) => state.cache[name] === undefined || !name.includes('.encoder.'));
  const outputs = await session.run(inputs, [...(fetchLogits ? ['logits'] : []), ...updated.map(presentName)]);
  const fresh = updated.flatMap((name) => {
    const tensor = outputs[presentName(name)];
    return tensor ? [[name, tensor] as const] : [];
  });
  return { state: { ids: seen, cache: { ...state.cache, ...Object.fromEntries(fresh) } }, logits: outputs['logits'] };
}

function presentName(pastName: string): string {
  return pastName.replace(pastPrefix, 'present');
}

function emptyPast({ heads, headSize }: CacheShape): Tensor {
  return float32(new Float32Array(0), [1, heads, 0, headSize]);
}

function inputNamed(name: string, fed: readonly number[], seen: readonly number[]): Tensor {
  const past = seen.length - fed.length;
  switch (name) {
    case 'input_ids':
      return int64(fed, [1, fed.length]);
    case 'attention_mask':
      return int64(seen.map(() => 1), [1, seen.length]);
    case 'position_ids':
      return int64(fed.map((_, index) => past + index), [1, fed.length]);
    case 'use_cache_branch':
      return { type: 'bool', data: Uint8Array.of(past > 0 ? 1 : 0), dims: [1] };
    default:
      throw new AlignSquadError(`The decoder needs the input \`${name}\`, which greedy decoding does not know; export it in the layout of transformers.js.`, {
        code: 'model-invalid',
      });
  }
}

/**
 * The likeliest next token: index of the largest of the last row's logits, of equal ones the first.
 * @throws AlignSquadError `model-invalid` where a logit is not a number.
 */
export function likeliestToken(logits: Tensor | undefined): number {
  const size = logits?.dims.at(-1) ?? 0;
  if (logits?.type === 'float32' && size > 0 && logits.data.length >= size) {
    const start = logits.data.length - size;
    let best = 0;
    for (let id = 0; id < size; id++) {
      const value = logits.data[start + id] ?? Number.NaN;
      if (Number.isNaN(value)) throw notNumbers();
      if (value > (logits.data[start + best] ?? Number.NaN)) best = id;
    }
    return best;
  }
  throw notNumbers();
}

/** The error of a decoder whose logits can't be used. */
export function notNumbers(): AlignSquadError {
  return new AlignSquadError('The decoder gave no usable `logits`: expected float32 numbers [1, tokens, vocabulary].', { code: 'model-invalid' });
}
