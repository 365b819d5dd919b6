import { dataType, type GraphBuilder } from '@align-squad/onnx/graph';
import { labelScores, weightedMean } from './cross-entropy.js';

/** Options of `preferenceLoss`. */
export interface PreferenceLossOptions {
  /** How strongly the reference holds the model back, above 0. */
  readonly beta: number;
}

/** Value names, scalars. */
export interface PreferenceTerms {
  readonly loss: string;
  /** Share of the pairs whose preferred text gained more over the reference than the rejected one. */
  readonly accuracy: string;
}

/** Log-probability of each row's labels, int64 input `labels` [batch, sequence]: logits [batch, sequence, vocabulary] -> [batch]. */
export function sequenceLogProbabilities(graph: GraphBuilder, logits: string): string {
  return sumOfRows(graph, logits).logProbabilities;
}

/**
 * Direct preference optimisation (Rafailov et al. 2023, equation 7): rows 2k are preferred, rows 2k + 1 are rejected; the
 * mean over pairs of -log sigmoid(beta * margin). Inputs: `labels` as in `causalLoss`, and
 * `reference_log_probabilities`, float [batch]. A pair without labels only fills the batch up and does not count.
 */
export function preferenceTerms(graph: GraphBuilder, logits: string, { beta }: PreferenceLossOptions): PreferenceTerms {
  const { logProbabilities, counts } = sumOfRows(graph, logits);
  const [batch = 2] = graph.shape(logits);
  const gains = graph.sub(logProbabilities, graph.input('reference_log_probabilities', dataType.float32, [batch]));
  const [preferred = '', rejected = ''] = sides(graph, gains, batch / 2);
  const margins = graph.sub(preferred, rejected);
  const [labels = ''] = sides(graph, counts, batch / 2);
  const isPair = graph.op('Min', [labels, graph.float(1)]);
  const isRight = graph.cast(graph.op('Greater', [margins, graph.float(0)]), dataType.float32);
  return {
    // -log sigmoid(x) = softplus(-x)
    loss: weightedMean(graph, graph.op('Softplus', [graph.mul(margins, graph.float(-beta))]), isPair),
    accuracy: weightedMean(graph, isRight, isPair),
  };
}

/** The loss of `preferenceTerms`, a scalar. */
export function preferenceLoss(graph: GraphBuilder, logits: string, options: PreferenceLossOptions): string {
  return preferenceTerms(graph, logits, options).loss;
}

function sumOfRows(graph: GraphBuilder, logits: string): { readonly logProbabilities: string; readonly counts: string } {
  const [batch = 1, sequence = 1] = graph.shape(logits);
  const { logProbabilities, counted } = labelScores(graph, logits);
  const sum = (values: string): string => graph.sum(graph.reshape(values, [batch, sequence]), [1], 0);
  return { logProbabilities: sum(logProbabilities), counts: sum(counted) };
}

/** Rows 2k and rows 2k + 1 of values [2 * pairs]. */
function sides(graph: GraphBuilder, values: string, pairs: number): string[] {
  const table = graph.reshape(values, [pairs, 2]);
  return [0, 1].map((side) => graph.reshape(graph.slice(table, 1, side, side + 1), [pairs]));
}
