import type { GraphBuilder } from '@align-squad/onnx/graph';
import type { EncoderConfig } from './encoder-config.js';
import type { ExchangeFeatures } from './exchange-features.js';
import type { DeclareWeight } from './weights.js';

// A polynomial hash modulo a prime; every product stays far inside int64.
const prime = 2_147_483_647;
const multiplier = 1_000_003;
/** Where the hash of n-grams that the context lacks starts; those of a segment start at its number plus one. */
const ungroundedStart = 9;

/** One column of n-gram features. */
export interface NgramColumn {
  readonly part: 'response' | 'ungrounded' | 'prompt';
  /** Length of the vector that the column's counted n-grams make together. */
  readonly length: number;
}

/**
 * The columns of `buckets` and `counted`: uni-, bi- and trigrams of the response, uni- and bigrams of it that the
 * context lacks, unigrams of the prompt; with the length that each part of a feature vector gets, shared by its columns.
 */
export const ngramColumns: readonly NgramColumn[] = [
  { part: 'response', length: 3 / Math.sqrt(3) },
  { part: 'response', length: 3 / Math.sqrt(3) },
  { part: 'response', length: 3 / Math.sqrt(3) },
  { part: 'ungrounded', length: 2.1 / Math.sqrt(2) },
  { part: 'ungrounded', length: 2.1 / Math.sqrt(2) },
  { part: 'prompt', length: 1.5 },
];

/** Numbers in a row of dense features of a response, and of a sentence. */
export const denseFeatureCount = 19;

/** Length of the vector that the character n-grams of a text make. */
export const charactersLength = 1.2;

/** Name of the weight [vocabulary, 1] that holds how many character n-grams a token has; given, not trained. */
export const characterCountsName = 'vocabulary.characters';

/** Name of the weight [vocabulary, 1] that is 1 for tokens that stand for a number, 0 for others; given, not trained. */
export const numberTokensName = 'vocabulary.is_number';

/** What each dense feature is multiplied by; the first is 1 before. */
export const denseScale = 1.5;
// Tokens from which a response is long.
const longResponse = 200;

/** N-grams of token ids as table rows, and a few numbers on length and overlap. */
export interface NgramFeatures {
  /** Row of the n-gram table of each token and column; int64 [batch, sequence, 6]. */
  readonly buckets: string;
  /** 1 where that n-gram counts, 0 where not; float [batch, sequence, 6]. */
  readonly counted: string;
  /** Float [batch, 1, 19], of the whole response. */
  readonly dense: string;
  /** Float [batch, sequence, 19], of the sentence that a position is in. */
  readonly sentenceDense: string;
}

/** Derives the n-gram features of exchanges. */
export function ngramFeatures(
  graph: GraphBuilder,
  weight: DeclareWeight,
  config: EncoderConfig,
  ids: string,
  features: ExchangeFeatures,
): NgramFeatures {
  const [inPrompt, inContext, inResponse] = features.inSegment;
  const bySegment = ngramBuckets(graph, config, ids, graph.add(features.segments, graph.int(1)), 3);
  const ungrounded = ngramBuckets(graph, config, ids, graph.int(ungroundedStart), 2);
  const hasContext = graph.op('ReduceMax', [graph.mul(inContext, features.isText), graph.int([1])]);
  const text = graph.mul(inResponse, features.isText);
  const lacks = (column: number): string =>
    graph.mul(graph.mul(text, graph.sub(graph.float(1), matchColumn(graph, features, column))), hasContext);
  const isNumber = graph.op('Gather', [weight(numberTokensName, [config.vocabularySize, 1], { constant: 0 }), ids]);
  const number = graph.mul(graph.reshape(isNumber, [0, -1]), text);
  const newNumber = graph.mul(number, lacks(3));
  const stack = (columns: readonly string[]): string => graph.op('Concat', columns.map((column) => graph.unsqueeze(column, [2])), { axis: 2 });
  const response = graph.unsqueeze(text, [1]);
  const inSentence = graph.mul(features.sameSentence, response);
  const densePart = (rows: string): string => denseFeatures(graph, features, { rows, number, newNumber, hasContext });
  return {
    buckets: stack([...bySegment, ...ungrounded, bySegment[0] ?? '']),
    counted: stack([inResponse, inResponse, inResponse, lacks(3), lacks(4), inPrompt]),
    dense: densePart(response),
    sentenceDense: densePart(inSentence),
  };
}

function ngramBuckets(graph: GraphBuilder, config: EncoderConfig, ids: string, start: string, orders: number): string[] {
  const buckets: string[] = [];
  let hash = start;
  let neighbour = ids;
  for (let order = 1; order <= orders; order++) {
    const next = graph.add(neighbour, graph.int(order));
    hash = graph.op('Mod', [graph.add(graph.mul(hash, graph.int(multiplier)), next), graph.int(prime)]);
    buckets.push(graph.op('Mod', [hash, graph.int(config.ngramBuckets)]));
    // Each position's left neighbour; padding's id at the start.
    neighbour = graph.op('Pad', [graph.slice(neighbour, 1, 0, -1), graph.int([0, 1, 0, 0]), graph.int(0)]);
  }
  return buckets;
}

function matchColumn(graph: GraphBuilder, { matches }: ExchangeFeatures, column: number): string {
  return graph.reshape(graph.slice(matches, 2, column, column + 1), [0, -1]);
}

interface DenseRequest {
  /** 1 on the tokens that a row is about; float [batch, rows, sequence]. */
  readonly rows: string;
  /** 1 on tokens of the response that stand for a number; float [batch, sequence]. */
  readonly number: string;
  /** The same, where the context lacks it. */
  readonly newNumber: string;
  readonly hasContext: string;
}

/**
 * Constant, context or none, length twice, shares of tokens that prompt and context hold, numbers that the context lacks,
 * any numbers and their share, and how much of prompt and context the whole response covers: [batch, rows, 19].
 */
function denseFeatures(graph: GraphBuilder, features: ExchangeFeatures, { rows, number, newNumber, hasContext }: DenseRequest): string {
  const size = graph.op('Max', [graph.sum(rows, [2]), graph.float(1)]);
  const shares = graph.div(graph.op('MatMul', [rows, features.matches]), size);
  const count = (tokens: string): string => graph.op('MatMul', [rows, graph.unsqueeze(tokens, [2])]);
  const any = (tokens: string): string => graph.op('Min', [count(tokens), graph.float(1)]);
  const numbers = [any(newNumber), any(number), graph.div(count(number), size)];
  const length = graph.sub(graph.mul(graph.op('Log', [size]), graph.float(0.25)), graph.float(1));
  const one = graph.div(size, size);
  const context = graph.mul(one, graph.unsqueeze(hasContext, [1]));
  const shortness = graph.op('Min', [graph.mul(size, graph.float(1 / longResponse)), graph.float(1)]);
  const covered = [coverage(graph, features, 0, 6), coverage(graph, features, 0, 7), coverage(graph, features, 1, 6)];
  const columns = [one, context, length, shortness, shares, ...numbers, ...covered.map((share) => graph.mul(one, graph.unsqueeze(share, [1])))];
  return graph.mul(graph.op('Concat', columns, { axis: 2 }), graph.float(denseScale));
}

/** Share of a segment's text tokens with a match in the response: [batch, 1]. */
function coverage(graph: GraphBuilder, features: ExchangeFeatures, segment: 0 | 1, column: number): string {
  const text = graph.mul(features.inSegment[segment], features.isText);
  const size = graph.op('Max', [graph.sum(text, [1]), graph.float(1)]);
  return graph.div(graph.sum(graph.mul(text, matchColumn(graph, features, column)), [1]), size);
}
