import { dataType, type GraphBuilder } from '@align-squad/onnx/graph';
import type { DeclareWeight } from './weights.js';

/** What a classification head reads. */
export interface ClassificationHeadInputs {
  /** Float [batch, width], or [batch, sequence, width], which is averaged over the tokens that are no padding. */
  readonly features: string;
  /** Int64 [batch, sequence]; needed for features a token. */
  readonly attentionMask: string;
  readonly width: number;
  readonly heads: number;
}

/** Names of a head's weights. */
export const headWeightNames = { weight: 'classifier.weight', bias: 'classifier.bias' } as const;

/** A linear head over features: logits [batch, heads]. */
export function classificationHead(graph: GraphBuilder, weight: DeclareWeight, inputs: ClassificationHeadInputs): string {
  const { width, heads } = inputs;
  const pooled = graph.info(inputs.features).dims.length === 3 ? meanOfTokens(graph, inputs) : inputs.features;
  const product = graph.op('MatMul', [pooled, weight(headWeightNames.weight, [width, heads], { deviation: 0.02 })]);
  return graph.add(product, weight(headWeightNames.bias, [heads], { constant: 0 }));
}

function meanOfTokens(graph: GraphBuilder, { features, attentionMask }: ClassificationHeadInputs): string {
  const present = graph.unsqueeze(graph.cast(attentionMask, dataType.float32), [2]);
  const count = graph.op('Max', [graph.sum(present, [1], 0), graph.float(1)]);
  return graph.div(graph.sum(graph.mul(features, present), [1], 0), count);
}
