import { createSession, int64, type OnnxSession, type Tensor } from '@align-squad/onnx';
import type { LabelledExchange, LayOut } from './labelled-exchange.js';

/** Logits of one labelled response. */
export interface ScoredExchange {
  readonly row: LabelledExchange;
  /** A logit a head. */
  readonly logits: readonly number[];
  /** The same of each sentence; none where the model gives none. */
  readonly sentences: readonly (readonly number[])[];
}

/** Options of `scoreExchanges`. */
export interface ScoreOptions {
  readonly layOut: LayOut;
  /** Number of heads. */
  readonly heads: number;
  /** @default 1 */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Scores responses one at a time with the bytes of a model file: `logits`, and `sentence_logits` where it has them. */
export async function scoreExchanges(
  model: Uint8Array,
  rows: readonly LabelledExchange[],
  { layOut, heads, threads, signal }: ScoreOptions,
): Promise<ScoredExchange[]> {
  await using session = await createSession(model, { threads });
  const scored: ScoredExchange[] = [];
  for (const row of rows) {
    signal?.throwIfAborted();
    const { ids, markers } = layOut(row.exchange);
    const outputs = await session.run(encoderInputs(session, ids));
    const at = (name: string, position: number): number[] =>
      Array.from(outputs[name]?.data.slice(position * heads, (position + 1) * heads) ?? [], Number);
    const hasSentences = outputs['sentence_logits'] !== undefined;
    scored.push({ row, logits: at('logits', 0), sentences: hasSentences ? markers.map(({ position }) => at('sentence_logits', position)) : [] });
  }
  return scored;
}

/** The inputs of an encoder for one unpadded sequence; token types are 0 where the graph asks for them. */
export function encoderInputs({ inputNames }: Pick<OnnxSession, 'inputNames'>, ids: readonly number[]): Record<string, Tensor> {
  const dims = [1, ids.length];
  const inputs = { input_ids: int64(ids, dims), attention_mask: int64(ids.map(() => 1), dims) };
  if (!inputNames.includes('token_type_ids')) return inputs;
  return { ...inputs, token_type_ids: int64(ids.map(() => 0), dims) };
}
