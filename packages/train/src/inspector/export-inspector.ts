import { GraphBuilder, type ModelProto } from '@align-squad/onnx/graph';
import type { EncoderConfig } from '../models/encoder-config.js';
import { buildInspector } from '../models/inspector-encoder.js';
import { frozenWeights, type Weights } from '../models/weights.js';
import { buildWideAndDeep } from '../models/wide-and-deep.js';

/** The encoder alone: `logits`, `sentence_logits` and `features` from `input_ids` and `attention_mask`. */
export function exportEncoder(weights: Weights, config: EncoderConfig): ModelProto {
  return exportInspector(weights, config, buildInspector);
}

/** Encoder and n-grams, mixed, with the same inputs and outputs. */
export function exportWideAndDeep(weights: Weights, config: EncoderConfig): ModelProto {
  return exportInspector(weights, config, buildWideAndDeep);
}

function exportInspector(weights: Weights, config: EncoderConfig, build: typeof buildInspector): ModelProto {
  const graph = new GraphBuilder();
  const { logits, sentenceLogits, summary } = build(graph, frozenWeights(graph, weights), config, ['batch', 'sequence']);
  return graph.model([logits, sentenceLogits, summary], { [logits]: 'logits', [sentenceLogits]: 'sentence_logits', [summary]: 'features' });
}
