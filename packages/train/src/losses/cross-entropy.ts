import { dataType, type GraphBuilder } from '@align-squad/onnx/graph';

/** Label of a position that does not count. */
export const ignoredLabel = -100;

/** The input that labels come in. */
export const labelsInput = 'labels';

/** Log-probabilities of labels, and which of them count. */
export interface LabelScores {
  /** Float [rows, 1]; 0 where the label is ignored. */
  readonly logProbabilities: string;
  /** 1 where the label counts; float [rows, 1]. */
  readonly counted: string;
}

/** Scores int64 labels, input `labels` of the shape of `logits` but its last axis, under logits [..., classes]. */
export function labelScores(graph: GraphBuilder, logits: string): LabelScores {
  const dims = graph.shape(logits);
  const rows = dims.slice(0, -1).reduce((product, size) => product * size, 1);
  const labels = graph.reshape(graph.input(labelsInput, dataType.int64, dims.slice(0, -1)), [rows, 1]);
  const counted = graph.cast(graph.op('GreaterOrEqual', [labels, graph.int(0)]), dataType.float32);
  const safe = graph.op('Max', [labels, graph.int(0)]);
  const all = graph.op('LogSoftmax', [graph.reshape(logits, [rows, dims.at(-1) ?? 1])], { axis: -1 });
  return { logProbabilities: graph.mul(graph.op('GatherElements', [all, safe], { axis: 1 }), counted), counted };
}

/** Mean cross-entropy over the labels that count, a scalar; 0 where none does. */
export function crossEntropy(graph: GraphBuilder, logits: string): string {
  const { logProbabilities, counted } = labelScores(graph, logits);
  const total = graph.op('Max', [graph.sum(counted, [0, 1], 0), graph.float(1)]);
  return graph.neg(graph.div(graph.sum(logProbabilities, [0, 1], 0), total));
}
