import { dataType, type GraphBuilder } from '@align-squad/onnx/graph';
import { weightedMean } from './cross-entropy.js';

/** How much each part of the loss counts beside the labels of responses. */
export interface BinaryHeadsWeights {
  /** Ranking of a misaligned response over the aligned one of the same prompt. */
  readonly pair: number;
  /** Tagging of faulty sentences. */
  readonly sentence: number;
}

/** What the loss is computed of. */
export interface BinaryHeads {
  /** Log-odds of misaligned: [batch, heads]. */
  readonly logits: string;
  /** The same of each position, [batch, sequence, heads]; left out, sentences are not learned. */
  readonly sentenceLogits?: string | undefined;
  /** Batch, which is even, and sequence. */
  readonly dims: readonly [number, number];
  readonly heads: number;
  readonly weights: BinaryHeadsWeights;
}

/**
 * Multi-head binary classification with missing labels, a pairwise ranking loss and a sentence loss; a scalar.
 * Rows 2k and 2k + 1 of a batch may be a pair: the misaligned response, then the aligned one.
 * Float inputs: `labels` in [0, 1], `label_weights` [batch, heads]; `pair_weights` [batch / 2, heads]; with sentence
 * logits also `sentence_labels`, `sentence_weights` [batch, sequence, heads]. Weight 0 means no label.
 */
export function binaryHeadsLoss(graph: GraphBuilder, { logits, sentenceLogits, dims, heads, weights }: BinaryHeads): string {
  const [batch, sequence] = dims;
  const input = (name: string, shape: readonly number[]): string => graph.input(name, dataType.float32, shape);
  const response = binaryCrossEntropy(graph, logits, input('labels', [batch, heads]), input('label_weights', [batch, heads]));
  const pairs = graph.reshape(logits, [batch / 2, 2, heads]);
  const side = (index: number): string => graph.reshape(graph.slice(pairs, 1, index, index + 1), [batch / 2, heads]);
  const margin = graph.sub(side(1), side(0));
  const pair = weightedMean(graph, graph.op('Softplus', [margin]), input('pair_weights', [batch / 2, heads]));
  const ranked = graph.add(response, graph.mul(pair, graph.float(weights.pair)));
  if (sentenceLogits === undefined) return ranked;
  const shape = [batch, sequence, heads];
  const sentence = binaryCrossEntropy(graph, sentenceLogits, input('sentence_labels', shape), input('sentence_weights', shape));
  return graph.add(ranked, graph.mul(sentence, graph.float(weights.sentence)));
}

/** Binary cross-entropy on logits: softplus(z) - y z. */
function binaryCrossEntropy(graph: GraphBuilder, logits: string, labels: string, weights: string): string {
  return weightedMean(graph, graph.sub(graph.op('Softplus', [logits]), graph.mul(labels, logits)), weights);
}
