import { dataType, type GraphBuilder } from '@align-squad/onnx/graph';
import type { EncoderConfig } from './encoder-config.js';
import { buildInspector } from './inspector-encoder.js';
import type { DeclareWeight } from './weights.js';

/** How much each part of the inspector's loss counts. */
export interface InspectorLossWeights {
  /** Ranking of a misaligned response over the aligned one of the same prompt. */
  readonly pair: number;
  /** Tagging of faulty sentences. */
  readonly sentence: number;
}

/**
 * Multi-head binary classification with missing labels, a pairwise ranking loss and a sentence loss; a scalar.
 * Rows 2k and 2k+1 of a batch may be a pair: the misaligned response, then the aligned one.
 * Inputs beside the encoder's, all float: `labels`, `label_weights` [batch, criteria]; `sentence_labels`,
 * `sentence_weights` [batch, sequence, criteria]; `pair_weights` [batch / 2, criteria]. Weight 0 means no label.
 */
export function buildInspectorLoss(
  graph: GraphBuilder,
  weight: DeclareWeight,
  config: EncoderConfig,
  dims: readonly [number, number],
  lossWeights: InspectorLossWeights,
): string {
  const [batch, sequence] = dims;
  const heads = config.criteria.length;
  const { logits, sentenceLogits } = buildInspector(graph, weight, config, dims);
  const input = (name: string, shape: readonly number[]): string => graph.input(name, dataType.float32, shape);
  const response = crossEntropy(graph, logits, input('labels', [batch, heads]), input('label_weights', [batch, heads]));
  const sentenceShape = [batch, sequence, heads];
  const sentence = crossEntropy(graph, sentenceLogits, input('sentence_labels', sentenceShape), input('sentence_weights', sentenceShape));
  const pairs = graph.reshape(logits, [batch / 2, 2, heads]);
  const side = (index: number): string => graph.reshape(graph.slice(pairs, 1, index, index + 1), [batch / 2, heads]);
  const margin = graph.sub(side(1), side(0));
  const pair = weightedMean(graph, graph.op('Softplus', [margin]), input('pair_weights', [batch / 2, heads]));
  const weighted = graph.add(graph.mul(pair, graph.float(lossWeights.pair)), graph.mul(sentence, graph.float(lossWeights.sentence)));
  return graph.add(response, weighted);
}

/** Binary cross-entropy on logits: softplus(z) - y z. */
function crossEntropy(graph: GraphBuilder, logits: string, labels: string, weights: string): string {
  return weightedMean(graph, graph.sub(graph.op('Softplus', [logits]), graph.mul(labels, logits)), weights);
}

function weightedMean(graph: GraphBuilder, values: string, weights: string): string {
  const axes = graph.shape(values).map((_, axis) => axis);
  const total = graph.op('Max', [graph.sum(weights, axes, 0), graph.float(1)]);
  return graph.div(graph.sum(graph.mul(values, weights), axes, 0), total);
}
