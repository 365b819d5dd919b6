import { dataType, type GraphBuilder } from '@align-squad/onnx/graph';
import type { EncoderConfig } from './encoder-config.js';
import { buildEncoder } from './inspector-encoder.js';
import { layerNorm, linear } from './transformer.js';
import type { DeclareWeight } from './weights.js';

/**
 * Masked-language-model loss (Devlin et al. 2019), a scalar: mean cross-entropy over `masked` positions.
 * Inputs beside the encoder's: `masked_places` int64 [masked, 2] (row, position), `masked_ids` int64 [masked, 1].
 */
export function buildMaskedLanguageModel(
  graph: GraphBuilder,
  weight: DeclareWeight,
  config: EncoderConfig,
  dims: readonly [number, number],
  masked: number,
): string {
  const { hidden } = buildEncoder(graph, weight, config, dims);
  const places = graph.input('masked_places', dataType.int64, [masked, 2]);
  const targets = graph.input('masked_ids', dataType.int64, [masked, 1]);
  const { width, vocabularySize } = config;
  const picked = graph.op('GatherND', [hidden, places]);
  const inner = graph.op('Gelu', [linear(graph, weight, 'mlm.dense', picked, width, width)]);
  const normal = layerNorm(graph, weight, 'mlm.norm', inner, width);
  // The output layer is the word embedding, tied.
  const scores = graph.op('Gemm', [normal, 'embeddings.word'], { transB: 1 });
  const biased = graph.add(scores, weight('mlm.bias', [vocabularySize], { constant: 0 }));
  const chosen = graph.op('GatherElements', [graph.op('LogSoftmax', [biased], { axis: -1 }), targets], { axis: 1 });
  return graph.neg(graph.mean(chosen, [0, 1], 0));
}
