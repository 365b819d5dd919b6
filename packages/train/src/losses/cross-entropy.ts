import { dataType, type GraphBuilder } from '@align-squad/onnx/graph';

/** Label of a position that does not count. */
export const ignoredLabel = -100;

/** Log-probabilities of labels, and which of them count. */
export interface LabelScores {
  /** Float [rows, 1]; 0 where the label is ignored. */
  readonly logProbabilities: string;
  /** 1 where the label counts; float [rows, 1]. */
  readonly counted: string;
  /** The labels, 0 where they are ignored; int64 [rows, 1]. */
  readonly labels: string;
}

/** Scores the input `labels`, int64 [...], -100 where there is none, under logits [..., classes]. */
export function labelScores(graph: GraphBuilder, logits: string): LabelScores {
  const dims = graph.shape(logits);
  const leading = dims.slice(0, -1);
  const rows = leading.reduce((product, size) => product * size, 1);
  const given = graph.reshape(graph.input('labels', dataType.int64, leading), [rows, 1]);
  const counted = graph.cast(graph.op('GreaterOrEqual', [given, graph.int(0)]), dataType.float32);
  const labels = graph.op('Max', [given, graph.int(0)]);
  const all = graph.op('LogSoftmax', [graph.reshape(logits, [rows, dims.at(-1) ?? 1])], { axis: -1 });
  return { logProbabilities: graph.mul(graph.op('GatherElements', [all, labels], { axis: 1 }), counted), counted, labels };
}

/**
 * Cross-entropy of the input `labels`, int64 [...], -100 where there is none, under logits [..., classes]: the mean over
 * labels by the input `label_weights`, float [...]; a scalar, 0 where nothing counts. `classWeights` makes some labels
 * count more than others.
 */
export function crossEntropy(graph: GraphBuilder, logits: string, classWeights?: readonly number[]): string {
  const leading = graph.shape(logits).slice(0, -1);
  const { logProbabilities, counted, labels } = labelScores(graph, logits);
  const given = graph.reshape(graph.input('label_weights', dataType.float32, leading), graph.shape(counted));
  const weights = graph.mul(given, classWeights === undefined ? counted : graph.mul(counted, weightsOfLabels(graph, labels, classWeights)));
  return graph.neg(weightedMean(graph, logProbabilities, weights));
}

/**
 * 1 for each row whose labels are all the likeliest class, else 0: what greedy decoding would write to the letter. Float
 * [batch], of logits [batch, sequence, classes] and the input `labels`, which the loss has declared.
 */
export function exactRows(graph: GraphBuilder, logits: string): string {
  const likeliest = graph.op('ArgMax', [logits], { axis: -1, keepdims: 0 });
  const isRight = graph.op('Or', [graph.op('Equal', [likeliest, 'labels']), graph.op('Less', ['labels', graph.int(0)])]);
  return graph.op('ReduceMin', [graph.cast(isRight, dataType.float32), graph.int([1])], { keepdims: 0 });
}

/** Mean of values by weights of the same shape; a scalar, 0 where all weights are 0. */
export function weightedMean(graph: GraphBuilder, values: string, weights: string): string {
  const axes = graph.shape(values).map((_, axis) => axis);
  const total = graph.op('Max', [graph.sum(weights, axes, 0), graph.float(1e-6)]);
  return graph.div(graph.sum(graph.mul(values, weights), axes, 0), total);
}

function weightsOfLabels(graph: GraphBuilder, labels: string, classWeights: readonly number[]): string {
  const table = graph.initializer('class_weights', [classWeights.length], Float32Array.from(classWeights));
  return graph.op('Gather', [table, labels], { axis: 0 });
}
