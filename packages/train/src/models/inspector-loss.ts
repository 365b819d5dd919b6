import type { GraphBuilder } from '@align-squad/onnx/graph';
import { binaryHeadsLoss, type BinaryHeadsWeights } from '../losses/binary-heads-loss.js';
import type { EncoderConfig } from './encoder-config.js';
import { buildInspector } from './inspector-encoder.js';
import type { DeclareWeight } from './weights.js';

/** The shared encoder with the loss of its heads, a scalar; inputs beside the encoder's are those of `binaryHeadsLoss`. */
export function buildInspectorLoss(
  graph: GraphBuilder,
  weight: DeclareWeight,
  config: EncoderConfig,
  dims: readonly [number, number],
  weights: BinaryHeadsWeights,
): string {
  const { logits, sentenceLogits } = buildInspector(graph, weight, config, dims);
  return binaryHeadsLoss(graph, { logits, sentenceLogits, dims, heads: config.criteria.length, weights });
}
