import { dataType, type Dimension, type GraphBuilder } from '@align-squad/onnx/graph';
import type { EncoderConfig } from './encoder-config.js';
import { exchangeFeatures, type ExchangeFeatures } from './exchange-features.js';
import { layerNorm, linear, transformerLayer } from './transformer.js';
import type { DeclareWeight } from './weights.js';

/** Values of the encoder's graph. */
export interface EncoderOutputs {
  readonly ids: string;
  readonly features: ExchangeFeatures;
  /** [batch, sequence, width]. */
  readonly hidden: string;
}

/** Values of the inspector's graph; logits are log-odds of misaligned. */
export interface InspectorOutputs extends EncoderOutputs {
  /** [batch, criteria]. */
  readonly logits: string;
  /** [batch, sequence, criteria]; meaningful at sentence markers only. */
  readonly sentenceLogits: string;
  /** What is known of a whole exchange, for further heads: [batch, width]. */
  readonly summary: string;
}

const embedding = { deviation: 0.02 } as const;

/** The shared encoder: inputs `input_ids` and `attention_mask`, both int64 [batch, sequence]. */
export function buildEncoder(
  graph: GraphBuilder,
  weight: DeclareWeight,
  config: EncoderConfig,
  dims: readonly [Dimension, Dimension],
): EncoderOutputs {
  const { width } = config;
  const ids = graph.input('input_ids', dataType.int64, dims);
  const mask = graph.input('attention_mask', dataType.int64, dims);
  const features = exchangeFeatures(graph, config, ids, mask);
  const words = graph.op('Gather', [weight('embeddings.word', [config.vocabularySize, width], embedding), ids]);
  const places = graph.op('Gather', [weight('embeddings.position', [config.maxTokens, width], embedding), features.positions]);
  const segments = graph.op('Gather', [weight('embeddings.segment', [3, width], embedding), features.segments]);
  const matches = graph.op('MatMul', [features.matches, weight('embeddings.match', [9, width], embedding)]);
  const visible = graph.mul(graph.sub(graph.cast(mask, dataType.float32), graph.float(1)), graph.float(1e4));
  const bias = { visible: graph.unsqueeze(visible, [1, 2]), sameToken: graph.unsqueeze(features.sameToken, [1]) };
  let hidden = layerNorm(graph, weight, 'embeddings.norm', graph.add(graph.add(words, places), graph.add(segments, matches)), width);
  for (let layer = 0; layer < config.layers; layer++) {
    hidden = transformerLayer(graph, weight, config, `layers.${layer}`, hidden, bias);
  }
  return { ids, features, hidden: layerNorm(graph, weight, 'final_norm', hidden, width) };
}

/** The shared encoder with a head a criterion over the whole response, and one over each of its sentences. */
export function buildInspector(
  graph: GraphBuilder,
  weight: DeclareWeight,
  config: EncoderConfig,
  dims: readonly [Dimension, Dimension],
): InspectorOutputs {
  const encoder = buildEncoder(graph, weight, config, dims);
  const { features, hidden } = encoder;
  const { width, criteria } = config;

  const inResponse = graph.unsqueeze(features.inSegment[2], [2]);
  const count = graph.op('Max', [graph.sum(inResponse, [1], 0), graph.float(1)]);
  const average = graph.div(graph.sum(graph.mul(hidden, inResponse), [1], 0), count);
  const start = graph.reshape(graph.slice(hidden, 1, 0, 1), [0, width]);
  const summary = graph.op('Concat', [start, average], { axis: 1 });
  const pooled = graph.op('Tanh', [linear(graph, weight, 'pooler', summary, 2 * width, width)]);
  const logits = linear(graph, weight, 'head', pooled, width, criteria.length);
  const sentenceLogits = linear(graph, weight, 'sentence_head', hidden, width, criteria.length);
  return { ...encoder, logits, sentenceLogits, summary };
}
