import type { GraphBuilder } from '@align-squad/onnx/graph';
import type { EncoderConfig } from './encoder-config.js';
import type { DeclareWeight } from './weights.js';

const small = { deviation: 0.02 } as const;

/** x [..., from] -> [..., to]. */
export function linear(graph: GraphBuilder, weight: DeclareWeight, name: string, x: string, from: number, to: number): string {
  const product = graph.op('MatMul', [x, weight(`${name}.weight`, [from, to], small)]);
  return graph.add(product, weight(`${name}.bias`, [to], { constant: 0 }));
}

/** Layer normalisation over the last axis of width `width`. */
export function layerNorm(graph: GraphBuilder, weight: DeclareWeight, name: string, x: string, width: number): string {
  const scale = weight(`${name}.weight`, [width], { constant: 1 });
  return graph.op('LayerNormalization', [x, scale, weight(`${name}.bias`, [width], { constant: 0 })], { axis: -1 });
}

/** What a layer attends with. */
export interface AttentionBias {
  /** Added to every score: 0 where a token may be seen, very low where not; [batch, 1, 1, sequence]. */
  readonly visible: string;
  /** 1 where two positions hold the same text token; [batch, 1, sequence, sequence]. */
  readonly sameToken: string;
}

/**
 * One pre-norm transformer layer, [batch, sequence, width] -> same.
 * Each attention head has a learned bias towards copies of its own token, which a small model does not find by itself.
 */
export function transformerLayer(
  graph: GraphBuilder,
  weight: DeclareWeight,
  config: EncoderConfig,
  name: string,
  x: string,
  bias: AttentionBias,
): string {
  const { width, attentionHeads: heads, feedForwardWidth } = config;
  const size = width / heads;
  const normal = layerNorm(graph, weight, `${name}.attention_norm`, x, width);
  const joined = graph.reshape(linear(graph, weight, `${name}.qkv`, normal, width, 3 * width), [0, 0, 3 * heads, size]);
  const split = graph.node('Split', [graph.transpose(joined, [0, 2, 1, 3]), graph.int([heads, heads, heads])], {
    attributes: { axis: 1 },
    outputs: 3,
  });
  const [query = '', key = '', value = ''] = split;
  const scaled = graph.mul(query, graph.float(1 / Math.sqrt(size)));
  const copy = graph.mul(bias.sameToken, weight(`${name}.copy_bias`, [heads, 1, 1], { constant: 0 }));
  const scores = graph.add(graph.add(graph.op('MatMul', [scaled, graph.transpose(key, [0, 1, 3, 2])]), copy), bias.visible);
  const mixed = graph.op('MatMul', [graph.op('Softmax', [scores], { axis: -1 }), value]);
  const merged = graph.reshape(graph.transpose(mixed, [0, 2, 1, 3]), [0, 0, width]);
  const attended = graph.add(x, linear(graph, weight, `${name}.attention_out`, merged, width, width));
  const inner = linear(graph, weight, `${name}.up`, layerNorm(graph, weight, `${name}.ff_norm`, attended, width), width, feedForwardWidth);
  return graph.add(attended, linear(graph, weight, `${name}.down`, graph.op('Gelu', [inner]), feedForwardWidth, width));
}
