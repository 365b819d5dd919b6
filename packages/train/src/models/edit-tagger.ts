import { AlignSquadError, type Random } from '@align-squad/core';
import { GraphBuilder, type ModelProto } from '@align-squad/onnx/graph';
import { initialWeights } from './initial-weights.js';
import { textEncoder } from './text-encoder.js';
import { linear } from './transformer.js';
import { resolveShape, type TransformerShape } from './transformer-shape.js';

/** Sizes of an encoder with a label for each token, or for the whole text. */
export interface LabelledEncoderShape extends TransformerShape {
  /** Number of labels. */
  readonly labels: number;
}

/**
 * An encoder that tags each token, with random weights.
 * Inputs `input_ids` and `attention_mask` int64 [batch, sequence]; output `logits` [batch, sequence, labels].
 * @throws AlignSquadError `invalid-options` for sizes that do not fit together.
 */
export function buildEditTagger(config: LabelledEncoderShape, random: Random): ModelProto {
  const shape = resolveShape(config);
  const graph = new GraphBuilder();
  const weight = initialWeights(graph, new Map(), random);
  const { hidden } = textEncoder(graph, weight, shape, 'encoder.embed_tokens.weight');
  const logits = linear(graph, weight, 'classifier', hidden, shape.width, requireLabels(config.labels));
  return graph.model([logits], { [logits]: 'logits' });
}

/** A number of labels as it is. @throws AlignSquadError `invalid-options` when it is no whole number from 1. */
export function requireLabels(labels: number): number {
  if (Number.isInteger(labels) && labels >= 1) return labels;
  throw new AlignSquadError(`Expected \`labels\` to be a whole number from 1, got \`${labels}\`.`, { code: 'invalid-options' });
}
