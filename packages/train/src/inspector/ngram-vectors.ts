import { createSession, type OnnxSession } from '@align-squad/onnx';
import { GraphBuilder, writeModel } from '@align-squad/onnx/graph';
import type { SparseVector } from '../linear/logistic-regression.js';
import type { EncoderConfig } from '../models/encoder-config.js';
import { charactersLength, denseFeatureCount, ngramColumns } from '../models/ngram-features.js';
import { frozenWeights, type Weights } from '../models/weights.js';
import { buildNgramFeatures } from '../models/wide-and-deep.js';
import type { LaidOutExchange } from './labelled-exchange.js';
import { encoderInputs } from './score-exchanges.js';

/** Feature vectors of a response and of its sentences; dense features come first, then the rows of the n-gram table. */
export interface NgramVectors {
  readonly response: SparseVector;
  readonly sentences: readonly SparseVector[];
}

/** Loads the graph that derives n-gram features. */
export async function createFeatureSession(config: EncoderConfig, given: Weights): Promise<OnnxSession> {
  const graph = new GraphBuilder();
  const features = buildNgramFeatures(graph, frozenWeights(graph, given), config, ['batch', 'sequence']);
  const names = Object.fromEntries(Object.entries(features).map(([name, value]: [string, string]) => [value, name]));
  return createSession(writeModel(graph.model(Object.values(features), names)));
}

/** What the vectors of an exchange are derived with. */
export interface VectorSource {
  readonly session: OnnxSession;
  /** Row of the first character n-gram in a vector. */
  readonly firstCharacter: number;
  /** Rows of a token's character n-grams, counted from there. */
  readonly charactersOf: (id: number) => readonly number[];
}

/** The vectors of one exchange. */
export async function ngramVectorsOf(source: VectorSource, { ids, markers }: LaidOutExchange): Promise<NgramVectors> {
  const { session } = source;
  const outputs = await session.run(encoderInputs(session, ids));
  const numbers = (name: string): number[] => Array.from(outputs[name]?.data ?? [], Number);
  const [buckets = [], counted = [], dense = [], sentenceDense = []] = ['buckets', 'counted', 'dense', 'sentenceDense'].map(numbers);
  const vector = (from: number, to: number, row: readonly number[]): SparseVector =>
    sparseVector({ buckets, counted, dense: row, from, to, characters: charactersIn(source, { ids, counted, from, to }) });
  return {
    response: vector(0, ids.length, dense),
    sentences: markers.map(({ position }, index) => {
      const end = markers[index + 1]?.position ?? ids.length;
      return vector(position, end, sentenceDense.slice(position * denseFeatureCount, (position + 1) * denseFeatureCount));
    }),
  };
}

interface VectorRequest {
  readonly buckets: readonly number[];
  readonly counted: readonly number[];
  readonly dense: readonly number[];
  /** Rows of character n-grams. */
  readonly characters: readonly number[];
  /** Tokens of the response that count, [from, to). */
  readonly from: number;
  readonly to: number;
}

/** Rows of the character n-grams of the response's tokens within [from, to). */
function charactersIn({ firstCharacter, charactersOf }: VectorSource, { ids, counted, from, to }: { readonly ids: readonly number[] } & Pick<VectorRequest, 'counted' | 'from' | 'to'>): number[] {
  // the first column of n-grams counts the tokens of the response
  const inResponse = (at: number): boolean => at >= from && at < to && counted[at * ngramColumns.length] === 1;
  return ids.flatMap((id, at) => (inResponse(at) ? charactersOf(id).map((row) => firstCharacter + row) : []));
}

function sparseVector({ buckets, counted, dense, characters, from, to }: VectorRequest): SparseVector {
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
  for (const row of characters) values.set(row, (values.get(row) ?? 0) + charactersLength / Math.sqrt(characters.length));
  return { indices: Uint32Array.from(values.keys()), values: Float32Array.from(values.values()) };
}
