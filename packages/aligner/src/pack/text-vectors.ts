import { AlignSquadError } from '@align-squad/core';
import { int64, type OnnxSession, type Tensor, type TextTokenizer } from '@align-squad/onnx';

const mostTokens = 256;

/** Embeds a text as a vector of length 1; a text without tokens is all zeros. */
export type EmbedText = (text: string) => Promise<Float32Array>;

/**
 * Embeds texts with a pack's embedder; of a long text the first 256 tokens count.
 * Rejects with `pack-invalid` where the embedder has another width, `aligner-failed`, or `disposed`.
 */
export function createEmbedText(session: OnnxSession, tokenizer: TextTokenizer, width: number): EmbedText {
  return async (text) => {
    const ids = text.trim() === '' ? [] : tokenizer.encode(text.trim().slice(0, 16 * mostTokens)).slice(0, mostTokens);
    if (ids.length === 0) return new Float32Array(width);
    const data = await runEmbedder(session, ids);
    if (data?.length === width) return Float32Array.from(data, Number);
    throw new AlignSquadError(`Expected the pack's embedder to give vectors of width ${width}, as pack.json says.`, { code: 'pack-invalid' });
  };
}

async function runEmbedder(session: OnnxSession, ids: readonly number[]): Promise<Tensor['data'] | undefined> {
  const dims = [1, ids.length];
  try {
    const { embedding } = await session.run({ input_ids: int64(ids, dims), attention_mask: int64(ids.map(() => 1), dims) }, ['embedding']);
    return embedding?.data;
  } catch (error) {
    if (AlignSquadError.isInstance(error) && error.code === 'disposed') throw error;
    throw new AlignSquadError('The embedder of the pack failed.', { code: 'aligner-failed', cause: error });
  }
}

/** The direction between two vectors: their normalised sum. */
export function blend(a: Float32Array, b: Float32Array): Float32Array {
  const sum = a.map((value, index) => value + (b[index] ?? 0));
  const length = Math.hypot(...sum);
  return length === 0 ? sum : sum.map((value) => value / length);
}

/** Dot product; the cosine of vectors of length 1. */
export function dot(a: Float32Array, b: Float32Array | Int8Array, offset = 0): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[offset + index] ?? 0);
  return sum;
}
