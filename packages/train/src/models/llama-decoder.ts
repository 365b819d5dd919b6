import type { Random } from '@align-squad/core';
import { dataType, GraphBuilder, type ModelProto } from '@align-squad/onnx/graph';
import { causalOrder, lengthOf, maskToVisible, visibleBias } from './attention.js';
import { initialWeights } from './initial-weights.js';
import { rmsNorm } from './rms-norm.js';
import { rotaryFactors } from './rotary.js';
import { transformerBlock } from './transformer-block.js';
import { resolveShape, type TransformerShape } from './transformer-shape.js';

/**
 * A decoder of the Llama type (Touvron et al. 2023) with random weights; the output layer is the embedding.
 * Inputs: `input_ids` and `position_ids` int64 [batch, sequence], `attention_mask` int64 [batch, past + sequence],
 * `past_key_values.N.key` and `.value` [batch, key-value heads, past, head size].
 * Outputs: `logits` [batch, sequence, vocabulary], `present.N.key` and `.value` with the new tokens.
 * Weights have the names of LlamaForCausalLM; matrices are stored [from, to].
 * @throws AlignSquadError `invalid-options` for sizes that do not fit together.
 */
export function buildLlamaDecoder(config: TransformerShape, random: Random): ModelProto {
  const shape = resolveShape(config);
  const { vocabularySize, width, keyValueHeads, headSize } = shape;
  const graph = new GraphBuilder();
  const weight = initialWeights(graph, new Map(), random);
  const ids = graph.input('input_ids', dataType.int64, ['batch_size', 'sequence_length']);
  const mask = graph.input('attention_mask', dataType.int64, ['batch_size', 'total_sequence_length']);
  const positions = graph.input('position_ids', dataType.int64, ['batch_size', 'sequence_length']);
  const rotary = rotaryFactors(graph, positions, headSize, shape.ropeTheta);
  const total = lengthOf(graph, mask, 1);
  const { visible } = causalOrder(graph, graph.sub(total, lengthOf(graph, ids, 1)), total);
  const bias = visibleBias(graph, graph.op('And', [visible, maskToVisible(graph, mask)]));
  const embedding = weight('model.embed_tokens.weight', [vocabularySize, width], { deviation: 0.02 });

  const names: Record<string, string> = {};
  let hidden = graph.op('Gather', [embedding, ids]);
  for (let layer = 0; layer < shape.layers; layer++) {
    const cache = (part: string): string =>
      graph.input(`past_key_values.${layer}.${part}`, dataType.float32, ['batch_size', keyValueHeads, 'past_sequence_length', headSize]);
    const past = { key: cache('key'), value: cache('value') };
    const block = transformerBlock(graph, weight, shape, `model.layers.${layer}`, hidden, { rotary, bias, past });
    hidden = block.hidden;
    names[block.key] = `present.${layer}.key`;
    names[block.value] = `present.${layer}.value`;
  }
  const normal = rmsNorm(graph, weight, 'model.norm.weight', hidden, width);
  const logits = graph.op('MatMul', [normal, graph.transpose(embedding, [1, 0])]);
  return graph.model([logits, ...Object.keys(names)], { [logits]: 'logits', ...names });
}
