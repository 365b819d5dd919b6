import type { Random } from '@align-squad/core';
import { dataType, GraphBuilder, type ModelProto } from '@align-squad/onnx/graph';
import { causalOrder, lengthOf, maskToVisible, visibleBias } from './attention.js';
import { crossAttention } from './cross-attention.js';
import { initialWeights } from './initial-weights.js';
import { rmsNorm } from './rms-norm.js';
import { rotaryFactors } from './rotary.js';
import { textEncoder } from './text-encoder.js';
import { transformerBlock } from './transformer-block.js';
import { resolveShape, type ResolvedShape, type TransformerShape } from './transformer-shape.js';
import type { DeclareWeight, Weights } from './weights.js';

/** Sizes of an encoder-decoder; `layers` are those of the encoder. */
export interface EncoderDecoderShape extends TransformerShape {
  /** @default layers */
  readonly decoderLayers?: number | undefined;
}

/** The two graphs of an encoder-decoder; `shared.weight`, the embedding and output layer, is in both. */
export interface EncoderDecoder {
  /** `input_ids`, `attention_mask` int64 [batch, source] -> `last_hidden_state` [batch, source, width]. */
  readonly encoder: ModelProto;
  /**
   * `input_ids` int64 [batch, sequence], `encoder_hidden_states`, `encoder_attention_mask`, and for each layer N
   * `past_key_values.N.decoder.key`, `.decoder.value`, `.encoder.key`, `.encoder.value` [batch, heads, past, head size]
   * -> `logits` [batch, sequence, vocabulary], and `present.N...` likewise.
   * Keys and values of the encoder are worked out where their past is empty, and passed on where it is not.
   */
  readonly decoder: ModelProto;
}

/**
 * An encoder-decoder with random weights: pre-norm blocks with rotary positions, as in Llama, and cross-attention.
 * Matrices are stored [from, to].
 * @throws AlignSquadError `invalid-options` for sizes that do not fit together.
 */
export function buildEncoderDecoder(config: EncoderDecoderShape, random: Random): EncoderDecoder {
  const weights: Weights = new Map();
  const encoder = new GraphBuilder();
  const encoderShape = resolveShape(config);
  const { hidden } = textEncoder(encoder, initialWeights(encoder, weights, random), encoderShape, 'shared.weight');
  const decoder = new GraphBuilder();
  const decoderShape = resolveShape({ ...config, layers: config.decoderLayers ?? config.layers });
  return {
    encoder: encoder.model([hidden], { [hidden]: 'last_hidden_state' }),
    decoder: buildDecoder(decoder, initialWeights(decoder, weights, random), decoderShape),
  };
}

function buildDecoder(graph: GraphBuilder, weight: DeclareWeight, shape: ResolvedShape): ModelProto {
  const { vocabularySize, width, headSize } = shape;
  const ids = graph.input('input_ids', dataType.int64, ['batch_size', 'sequence_length']);
  const mask = graph.input('encoder_attention_mask', dataType.int64, ['batch_size', 'encoder_sequence_length']);
  const source = graph.input('encoder_hidden_states', dataType.float32, ['batch_size', 'encoder_sequence_length', width]);
  const past = Array.from({ length: shape.layers }, (_, layer) => pastInputs(graph, shape, layer));
  const [first] = past;
  const start = lengthOf(graph, first?.decoder.key ?? '', 2);
  const { places, visible } = causalOrder(graph, start, graph.add(start, lengthOf(graph, ids, 1)));
  const rotary = rotaryFactors(graph, graph.unsqueeze(places, [0]), headSize, shape.ropeTheta);
  const bias = graph.unsqueeze(visibleBias(graph, visible), [0, 1]);
  const sourceBias = visibleBias(graph, maskToVisible(graph, mask));
  const unread = (x: string): string => withoutPast(graph, x, first?.encoder.key ?? '');
  const sourceRotary = rotaryFactors(graph, unread(graph.op('CumSum', [mask, graph.int(1)])), headSize, shape.ropeTheta);
  const toSource = { source: unread(source), rotary, sourceRotary, bias: sourceBias };
  const embedding = weight('shared.weight', [vocabularySize, width], { deviation: 0.02 });

  const names: Record<string, string> = {};
  let hidden = graph.op('Gather', [embedding, ids]);
  past.forEach((cache, layer) => {
    const name = `decoder.layers.${layer}`;
    const between = (x: string): string => {
      const cross = crossAttention(graph, weight, shape, name, x, { ...toSource, past: cache.encoder });
      names[cross.key] = `present.${layer}.encoder.key`;
      names[cross.value] = `present.${layer}.encoder.value`;
      return cross.hidden;
    };
    const block = transformerBlock(graph, weight, shape, name, hidden, { rotary, bias, past: cache.decoder, between });
    names[block.key] = `present.${layer}.decoder.key`;
    names[block.value] = `present.${layer}.decoder.value`;
    hidden = block.hidden;
  });
  const normal = rmsNorm(graph, weight, 'decoder.norm.weight', hidden, width);
  const logits = graph.op('MatMul', [normal, graph.transpose(embedding, [1, 0])]);
  return graph.model([logits, ...Object.keys(names)], { [logits]: 'logits', ...names });
}

interface PastInputs {
  readonly decoder: { readonly key: string; readonly value: string };
  readonly encoder: { readonly key: string; readonly value: string };
}

function pastInputs(graph: GraphBuilder, { keyValueHeads, headSize }: ResolvedShape, layer: number): PastInputs {
  const cache = (side: 'decoder' | 'encoder', part: string): string =>
    graph.input(`past_key_values.${layer}.${side}.${part}`, dataType.float32, ['batch_size', keyValueHeads, `past_${side}_sequence_length`, headSize]);
  const pair = (side: 'decoder' | 'encoder'): PastInputs['decoder'] => ({ key: cache(side, 'key'), value: cache(side, 'value') });
  return { decoder: pair('decoder'), encoder: pair('encoder') };
}

/** A value of the source, [batch, source, ...], without what the cache holds: all of it in the first pass, nothing later. */
function withoutPast(graph: GraphBuilder, source: string, pastKey: string): string {
  const length = graph.unsqueeze(lengthOf(graph, pastKey, 2), [0]);
  const { dims, type } = graph.info(source);
  const rest = graph.node('Slice', [source, length, graph.int([2 ** 31 - 1]), graph.int([1])], {
    declared: [{ dims: dims.map((size, axis) => (axis === 1 ? '' : size)), type }],
  });
  return rest[0] ?? '';
}
