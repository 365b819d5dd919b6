import type { GraphBuilder } from '@align-squad/onnx/graph';
import { attend, projectHeads } from './attention.js';
import { rmsNorm } from './rms-norm.js';
import { rotate, type RotaryFactors } from './rotary.js';
import type { BlockOutputs, KeysAndValues } from './transformer-block.js';
import type { ResolvedShape } from './transformer-shape.js';
import type { DeclareWeight } from './weights.js';

/** What a decoder's layer attends to. */
export interface CrossAttentionOptions {
  /** Output of the encoder whose keys and values are not in `past` yet; [batch, source, width]. */
  readonly source: string;
  /** By the positions of the queries. */
  readonly rotary: RotaryFactors;
  /** By the positions of `source`. */
  readonly sourceRotary: RotaryFactors;
  /** [batch, key-value heads, past, head size]. */
  readonly past: KeysAndValues;
  /** Added to every score; broadcasts to [batch, heads, queries, past + source]. */
  readonly bias: string;
}

/**
 * Pre-norm attention to the output of an encoder: x [batch, sequence, width] -> same.
 * Queries and keys are turned by their positions: a rewrite runs beside its source, at a distance that changes little.
 */
export function crossAttention(
  graph: GraphBuilder,
  weight: DeclareWeight,
  shape: ResolvedShape,
  name: string,
  x: string,
  { source, rotary, sourceRotary, past, bias }: CrossAttentionOptions,
): BlockOutputs {
  const { width, attentionHeads: heads, keyValueHeads, headSize, outDeviation } = shape;
  const project = (part: string, from: string, count: number): string =>
    projectHeads(graph, weight, `${name}.encoder_attn.${part}_proj.weight`, from, { from: width, heads: count, headSize });
  const normal = rmsNorm(graph, weight, `${name}.encoder_attn_layernorm.weight`, x, width);
  const query = rotate(graph, project('q', normal, heads), rotary, headSize);
  const key = graph.op('Concat', [past.key, rotate(graph, project('k', source, keyValueHeads), sourceRotary, headSize)], { axis: 2 });
  const value = graph.op('Concat', [past.value, project('v', source, keyValueHeads)], { axis: 2 });
  const mixed = attend(graph, { query, key, value, bias, heads, keyValueHeads, headSize });
  const out = weight(`${name}.encoder_attn.o_proj.weight`, [width, width], { deviation: outDeviation });
  return { hidden: graph.add(x, graph.op('MatMul', [mixed, out])), key, value };
}
