import type { GraphBuilder } from '@align-squad/onnx/graph';
import { attend, projectHeads } from './attention.js';
import { feedForward } from './feed-forward.js';
import { rmsNorm } from './rms-norm.js';
import { rotate, type RotaryFactors } from './rotary.js';
import type { ResolvedShape } from './transformer-shape.js';
import type { DeclareWeight } from './weights.js';

/** What a block attends with. */
export interface BlockOptions {
  readonly rotary: RotaryFactors;
  /** Added to every score; broadcasts to [batch, heads, queries, keys]. */
  readonly bias: string;
  /** Keys and values of earlier tokens, [batch, key-value heads, past, head size]. */
  readonly past?: KeysAndValues | undefined;
  /** Runs between attention and feed-forward layer on the hidden state. */
  readonly between?: ((hidden: string) => string) | undefined;
}

/** Keys and values of attention, [batch, key-value heads, keys, head size]. */
export interface KeysAndValues {
  readonly key: string;
  readonly value: string;
}

/** What a block gives. */
export interface BlockOutputs extends KeysAndValues {
  /** [batch, sequence, width]. */
  readonly hidden: string;
}

/** A pre-norm block as in Llama (Touvron et al. 2023), without biases: x [batch, sequence, width] -> same. */
export function transformerBlock(
  graph: GraphBuilder,
  weight: DeclareWeight,
  shape: ResolvedShape,
  name: string,
  x: string,
  options: BlockOptions,
): BlockOutputs {
  const { width, attentionHeads: heads, keyValueHeads, headSize, outDeviation } = shape;
  const { rotary, bias, past, between = (hidden) => hidden } = options;
  const normal = rmsNorm(graph, weight, `${name}.input_layernorm.weight`, x, width);
  const project = (part: string, count: number): string =>
    projectHeads(graph, weight, `${name}.self_attn.${part}_proj.weight`, normal, { from: width, heads: count, headSize });
  const extend = (earlier: string | undefined, now: string): string => (earlier === undefined ? now : graph.op('Concat', [earlier, now], { axis: 2 }));
  const query = rotate(graph, project('q', heads), rotary, headSize);
  const key = extend(past?.key, rotate(graph, project('k', keyValueHeads), rotary, headSize));
  const value = extend(past?.value, project('v', keyValueHeads));
  const mixed = attend(graph, { query, key, value, bias, heads, keyValueHeads, headSize });
  const out = weight(`${name}.self_attn.o_proj.weight`, [width, width], { deviation: outDeviation });
  const attended = between(graph.add(x, graph.op('MatMul', [mixed, out])));
  const inner = rmsNorm(graph, weight, `${name}.post_attention_layernorm.weight`, attended, width);
  return { hidden: graph.add(attended, feedForward(graph, weight, shape, `${name}.mlp`, inner)), key, value };
}
