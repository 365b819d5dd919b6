import { dataType, type GraphBuilder } from '@align-squad/onnx/graph';
import { labelScores } from './cross-entropy.js';

/** The input with what the reference model says of each row: float [batch]. */
export const referenceInput = 'reference_log_probabilities';

/** Log-probability of each row's labels: logits [batch, sequence, vocabulary] -> [batch]. */
export function sequenceLogProbabilities(graph: GraphBuilder, logits: string): string {
  const [batch = 1, sequence = 1] = graph.shape(logits);
  const { logProbabilities } = labelScores(graph, logits);
  return graph.sum(graph.reshape(logProbabilities, [batch, sequence]), [1], 0);
}

/**
 * Direct preference optimisation (Rafailov et al. 2023): rows 2k are preferred, rows 2k + 1 are not; a scalar, the mean
 * of -log sigmoid(beta * margin) over pairs. A pair whose rows have no labels does not count.
 */
export function preferenceLoss(graph: GraphBuilder, logits: string, { beta }: { readonly beta: number }): string {
  const [batch = 2] = graph.shape(logits);
  const reference = graph.input(referenceInput, dataType.float32, [batch]);
  const gain = graph.reshape(graph.sub(sequenceLogProbabilities(graph, logits), reference), [batch / 2, 2]);
  const side = (index: number): string => graph.slice(gain, 1, index, index + 1);
  const margin = graph.mul(graph.sub(side(0), side(1)), graph.float(beta));
  const losses = graph.op('Softplus', [graph.neg(margin)]);
  // Rows that only fill a batch up have a reference of exactly 0, which no sequence with labels has.
  const isPair = graph.cast(graph.op('Not', [graph.op('Equal', [graph.slice(graph.reshape(reference, [batch / 2, 2]), 1, 0, 1), graph.float(0)])]), dataType.float32);
  const total = graph.op('Max', [graph.sum(isPair, [0, 1], 0), graph.float(1)]);
  return graph.div(graph.sum(graph.mul(losses, isPair), [0, 1], 0), total);
}
