import type { Random } from '@align-squad/core';
import { dataType, GraphBuilder, type ModelProto } from '@align-squad/onnx/graph';
import { requireLabels, type LabelledEncoderShape } from './edit-tagger.js';
import { initialWeights } from './initial-weights.js';
import { textEncoder } from './text-encoder.js';
import { linear } from './transformer.js';
import { resolveShape } from './transformer-shape.js';

/**
 * An encoder that labels a whole text, with random weights: its first token and the mean of all tokens are pooled.
 * Inputs `input_ids` and `attention_mask` int64 [batch, sequence]; output `logits` [batch, labels].
 * @throws AlignSquadError `invalid-options` for sizes that do not fit together.
 */
export function buildEncoderClassifier(config: LabelledEncoderShape, random: Random): ModelProto {
  const shape = resolveShape(config);
  const { width } = shape;
  const graph = new GraphBuilder();
  const weight = initialWeights(graph, new Map(), random);
  const { mask, hidden } = textEncoder(graph, weight, shape, 'encoder.embed_tokens.weight');
  const present = graph.unsqueeze(graph.cast(mask, dataType.float32), [2]);
  const count = graph.op('Max', [graph.sum(present, [1], 0), graph.float(1)]);
  const average = graph.div(graph.sum(graph.mul(hidden, present), [1], 0), count);
  const start = graph.reshape(graph.slice(hidden, 1, 0, 1), [0, width]);
  const pair = graph.op('Concat', [start, average], { axis: 1 });
  const pooled = graph.op('Tanh', [linear(graph, weight, 'pooler.dense', pair, 2 * width, width)]);
  const logits = linear(graph, weight, 'classifier', pooled, width, requireLabels(config.labels));
  return graph.model([logits], { [logits]: 'logits' });
}
