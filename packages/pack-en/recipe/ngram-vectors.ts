import { layoutWindows, tokenizeExchange, type TokenWindow } from '@align-squad/inspector';
import { createSession, int64, type OnnxSession } from '@align-squad/onnx';
import { GraphBuilder, writeModel } from '@align-squad/onnx/graph';
import { buildNgramFeatures, denseFeatureCount, frozenWeights, ngramColumns, type SparseVector, type Weights } from '@align-squad/train';
import { trainingLimits } from './batches.js';
import type { Example } from './examples.js';
import type { RecipeModel } from './model.js';

/** Feature vectors of a response and of its sentences; dense features come first, then the rows of the n-gram table. */
export interface ExampleVectors {
  readonly response: SparseVector;
  readonly sentences: readonly SparseVector[];
}

/** Loads the graph that derives n-gram features. */
export async function createFeatureSession({ config }: RecipeModel, given: Weights): Promise<OnnxSession> {
  const graph = new GraphBuilder();
  const features = buildNgramFeatures(graph, frozenWeights(graph, given), config, ['batch', 'sequence']);
  const names = Object.fromEntries(Object.entries(features).map(([name, value]: [string, string]) => [value, name]));
  return createSession(writeModel(graph.model(Object.values(features), names)));
}

/** The vectors of one example, from its first window. */
export async function vectorsOf(session: OnnxSession, { exchange }: Example, { tokenizer, config }: RecipeModel): Promise<ExampleVectors> {
  const [window] = layoutWindows(tokenizeExchange(tokenizer, exchange), config.specialIds, trainingLimits);
  const { ids = [], markers = [] }: Partial<TokenWindow> = window ?? {};
  const dims = [1, ids.length];
  const outputs = await session.run({ input_ids: int64(ids, dims), attention_mask: int64(ids.map(() => 1), dims) });
  const numbers = (name: string): number[] => Array.from(outputs[name]?.data ?? [], Number);
  const [buckets, counted, dense, sentenceDense] = ['buckets', 'counted', 'dense', 'sentenceDense'].map(numbers);
  const vector = (from: number, to: number, row: readonly number[]): SparseVector =>
    sparseVector({ buckets: buckets ?? [], counted: counted ?? [], dense: row, from, to });
  return {
    response: vector(0, ids.length, dense ?? []),
    sentences: markers.map(({ position }, index) => {
      const end = markers[index + 1]?.position ?? ids.length;
      return vector(position, end, (sentenceDense ?? []).slice(position * denseFeatureCount, (position + 1) * denseFeatureCount));
    }),
  };
}

interface VectorRequest {
  readonly buckets: readonly number[];
  readonly counted: readonly number[];
  readonly dense: readonly number[];
  /** Tokens of the response that count, [from, to). */
  readonly from: number;
  readonly to: number;
}

function sparseVector({ buckets, counted, dense, from, to }: VectorRequest): SparseVector {
  const values = new Map(dense.map((value, at) => [at, value]));
  const columns = ngramColumns.length;
  ngramColumns.forEach(({ part, length }, column) => {
    const places = Array.from({ length: buckets.length / columns }, (_, token) => token * columns + column).filter(
      (place, token) => counted[place] === 1 && (part === 'prompt' || (token >= from && token < to)),
    );
    for (const place of places) {
      const at = denseFeatureCount + (buckets[place] ?? 0);
      values.set(at, (values.get(at) ?? 0) + length / Math.sqrt(places.length));
    }
  });
  return { indices: Uint32Array.from(values.keys()), values: Float32Array.from(values.values()) };
}
