import { dataType, type GraphBuilder } from '@align-squad/onnx/graph';
import { maskToVisible, visibleBias } from './attention.js';
import { rmsNorm } from './rms-norm.js';
import { rotaryFactors } from './rotary.js';
import { transformerBlock } from './transformer-block.js';
import type { ResolvedShape } from './transformer-shape.js';
import type { DeclareWeight } from './weights.js';

/** Values of an encoder's graph. */
export interface TextEncoder {
  /** Which tokens are no padding, int64 [batch, sequence]. */
  readonly mask: string;
  /** [batch, sequence, width]. */
  readonly hidden: string;
}

/**
 * A pre-norm encoder with rotary positions; inputs `input_ids` and `attention_mask`, int64 [batch, sequence].
 * Padding is seen by no other token, and counts for no position.
 */
export function textEncoder(graph: GraphBuilder, weight: DeclareWeight, shape: ResolvedShape, embeddingName: string): TextEncoder {
  const { vocabularySize, width } = shape;
  const ids = graph.input('input_ids', dataType.int64, ['batch_size', 'sequence_length']);
  const mask = graph.input('attention_mask', dataType.int64, ['batch_size', 'sequence_length']);
  // Only distances between positions count, so that they may start at 1.
  const rotary = rotaryFactors(graph, graph.op('CumSum', [mask, graph.int(1)]), shape.headSize, shape.ropeTheta);
  const bias = visibleBias(graph, maskToVisible(graph, mask));
  let hidden = graph.op('Gather', [weight(embeddingName, [vocabularySize, width], { deviation: 0.02 }), ids]);
  for (let layer = 0; layer < shape.layers; layer++) {
    hidden = transformerBlock(graph, weight, shape, `encoder.layers.${layer}`, hidden, { rotary, bias }).hidden;
  }
  return { mask, hidden: rmsNorm(graph, weight, 'encoder.norm.weight', hidden, width) };
}
