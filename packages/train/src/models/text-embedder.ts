import { dataType, type Dimension, type GraphBuilder } from '@align-squad/onnx/graph';
import type { DeclareWeight } from './weights.js';

/** Shape of the text embedder. */
export interface TextEmbedderConfig {
  readonly vocabularySize: number;
  /** Width of an embedding. */
  readonly width: number;
}

/** Names of the embedder's inputs. */
export interface TextEmbedderInputs {
  readonly ids: string;
  readonly mask: string;
}

/**
 * A text as the normalised sum of its tokens' vectors, each with a learned weight: [batch, width], length 1.
 * Inputs are int64 [batch, sequence].
 */
export function buildTextEmbedder(
  graph: GraphBuilder,
  weight: DeclareWeight,
  config: TextEmbedderConfig,
  dims: readonly [Dimension, Dimension],
  inputs: TextEmbedderInputs = { ids: 'input_ids', mask: 'attention_mask' },
): string {
  const ids = graph.input(inputs.ids, dataType.int64, dims);
  const present = graph.cast(graph.input(inputs.mask, dataType.int64, dims), dataType.float32);
  return embed(graph, weight, config, ids, present);
}

function embed(graph: GraphBuilder, weight: DeclareWeight, config: TextEmbedderConfig, ids: string, present: string): string {
  const { vocabularySize, width } = config;
  const vectors = graph.op('Gather', [weight('embedder.word', [vocabularySize, width], { deviation: 0.1 }), ids]);
  const importance = graph.op('Softplus', [graph.op('Gather', [weight('embedder.importance', [vocabularySize, 1], { constant: 0.5 }), ids])]);
  const sum = graph.sum(graph.mul(vectors, graph.mul(importance, graph.unsqueeze(present, [2]))), [1], 0);
  const length = graph.op('Sqrt', [graph.add(graph.sum(graph.mul(sum, sum), [1]), graph.float(1e-6))]);
  return graph.div(sum, length);
}

/** Shape of a batch of text pairs: pairs, tokens of a query, tokens of a key. */
export type PairShape = readonly [number, number, number];

/**
 * Contrastive loss with the other pairs of the batch as negatives, in both directions (InfoNCE, van den Oord 2018).
 * Inputs `query_ids`, `query_mask`, `key_ids`, `key_mask`.
 */
export function buildContrastiveLoss(graph: GraphBuilder, weight: DeclareWeight, config: TextEmbedderConfig, shape: PairShape): string {
  const [pairs, queryTokens, keyTokens] = shape;
  const shared = declareOnce(weight);
  const query = buildTextEmbedder(graph, shared, config, [pairs, queryTokens], { ids: 'query_ids', mask: 'query_mask' });
  const key = buildTextEmbedder(graph, shared, config, [pairs, keyTokens], { ids: 'key_ids', mask: 'key_mask' });
  const sharpness = graph.float(20);
  const own = graph.reshape(graph.int(Array.from({ length: pairs }, (_, row) => row)), [pairs, 1]);
  const towards = (from: string, to: string): string => {
    const scores = graph.mul(graph.op('MatMul', [from, graph.transpose(to, [1, 0])]), sharpness);
    return graph.neg(graph.mean(graph.op('GatherElements', [graph.op('LogSoftmax', [scores], { axis: -1 }), own], { axis: 1 }), [0, 1], 0));
  };
  return graph.add(towards(query, key), towards(key, query));
}

function declareOnce(weight: DeclareWeight): DeclareWeight {
  const known = new Map<string, string>();
  return (name, dims, start) => {
    const value = known.get(name) ?? weight(name, dims, start);
    known.set(name, value);
    return value;
  };
}
