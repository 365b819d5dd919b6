import type { GraphBuilder } from '@align-squad/onnx/graph';
import type { EncoderConfig } from './encoder-config.js';
import type { ExchangeFeatures } from './exchange-features.js';
import type { DeclareWeight } from './weights.js';

// A polynomial hash modulo a prime; every product stays far inside int64.
const prime = 2_147_483_647;
const multiplier = 1_000_003;
/** Where the hash of n-grams that the context lacks starts; those of a segment start at its number plus one. */
const ungroundedStart = 9;

/** Length of the feature vector's parts, as in the n-gram baseline of the eval package. */
const partLength = { response: 3, prompt: 1.5, ungrounded: 2.1, dense: 1.5 };

/** Numbers in a row of dense features. */
export const denseFeatureCount = 14;

/** Name of the weight [vocabulary, 1] that is 1 for tokens that stand for a number, 0 for others; given, not trained. */
export const numberTokensName = 'vocabulary.is_number';

/** N-grams of token ids as table rows with weights, and a few numbers on length and overlap. */
export interface NgramFeatures {
  /** Rows of the n-gram table; int64 [batch, sequence, 5]: uni-, bi-, trigrams; uni- and bigrams that the context lacks. */
  readonly buckets: string;
  /** Weight of each row; 0 where it does not count; float [batch, sequence, 5]. */
  readonly shares: string;
  /** Float [batch, 14]. */
  readonly dense: string;
}

/** Derives n-gram features: all orders of the response, unigrams of the prompt, and what of the response the context lacks. */
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
  const response = rootShare(graph, inResponse, partLength.response / Math.sqrt(3));
  const first = graph.add(response, rootShare(graph, inPrompt, partLength.prompt));
  const hasContext = graph.op('ReduceMax', [graph.mul(inContext, features.isText), graph.int([1])]);
  const lacking = [3, 4].map((column) => {
    const absent = graph.sub(graph.float(1), matchColumn(graph, features, column));
    const counted = graph.mul(graph.mul(graph.mul(inResponse, features.isText), absent), hasContext);
    return rootShare(graph, counted, partLength.ungrounded / Math.sqrt(2));
  });
  const isNumber = graph.op('Gather', [weight(numberTokensName, [config.vocabularySize, 1], { constant: 0 }), ids]);
  const stack = (columns: readonly string[]): string => graph.op('Concat', columns.map((column) => graph.unsqueeze(column, [2])), { axis: 2 });
  return {
    buckets: stack([...bySegment, ...ungrounded]),
    shares: stack([first, response, response, ...lacking]),
    dense: denseFeatures(graph, features, hasContext, graph.reshape(isNumber, [0, -1])),
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

/** `length` / sqrt(tokens) on the counted tokens, so that a long text weighs as much as a short one. */
function rootShare(graph: GraphBuilder, counted: string, length: number): string {
  const size = graph.op('Max', [graph.sum(counted, [1]), graph.float(1)]);
  return graph.mul(graph.div(counted, graph.op('Sqrt', [size])), graph.float(length));
}

function matchColumn(graph: GraphBuilder, { matches }: ExchangeFeatures, column: number): string {
  return graph.reshape(graph.slice(matches, 2, column, column + 1), [0, -1]);
}

/** Constant, length, shares of matched tokens between the parts, and numbers of the response that the context lacks. */
function denseFeatures(graph: GraphBuilder, features: ExchangeFeatures, hasContext: string, isNumber: string): string {
  const text = features.inSegment.map((segment) => graph.mul(segment, features.isText));
  const [prompt = '', context = '', response = ''] = text;
  const size = (segment: string): string => graph.op('Max', [graph.sum(segment, [1]), graph.float(1)]);
  const share = (column: number, segment: string): string =>
    graph.div(graph.sum(graph.mul(matchColumn(graph, features, column), segment), [1]), size(segment));
  const one = graph.div(size(response), size(response));
  const grounded = [3, 4, 5].map((column) => share(column, response));
  const numbers = graph.mul(isNumber, response);
  const newNumbers = graph.mul(graph.mul(numbers, graph.sub(graph.float(1), matchColumn(graph, features, 3))), hasContext);
  const columns = [
    one,
    graph.sub(graph.mul(graph.op('Log', [size(response)]), graph.float(0.25)), graph.float(1)),
    share(0, response),
    share(1, response),
    ...grounded,
    hasContext,
    share(6, context),
    share(7, context),
    share(6, prompt),
    graph.div(graph.sum(newNumbers, [1]), size(numbers)),
    graph.op('Min', [graph.sum(newNumbers, [1]), graph.float(1)]),
    graph.op('Min', [graph.sum(numbers, [1]), graph.float(1)]),
  ];
  return graph.mul(graph.op('Concat', columns, { axis: 1 }), graph.float(partLength.dense));
}
