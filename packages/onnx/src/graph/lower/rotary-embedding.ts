import { intAttribute } from '../attributes.js';
import type { GraphBuilder } from '../builder.js';
import { joinHeads, splitHeads } from './attend.js';
import { noLowering, type Lowering } from './lowering.js';

/** What `rotate` works on. */
export interface RotateOptions {
  /** [batch, heads, sequence, size] */
  readonly x: string;
  /** int64 [batch, sequence], or [1] for the first position of all rows. */
  readonly positions: string;
  /** [positions, rotated size / 2] */
  readonly cosines: string;
  readonly sines: string;
  /** Pairs are neighbours, not halves apart. */
  readonly isInterleaved: boolean;
}

/** Rotary position embedding (Su et al. 2021) by the runtime's kernel; dimensions beyond the rotated ones stay. */
export function rotate(graph: GraphBuilder, options: RotateOptions): string {
  const { x, positions, cosines, sines, isInterleaved } = options;
  const [, heads = 1, , size = 1] = graph.shape(x);
  const rotated = 2 * (graph.shape(cosines).at(-1) ?? 0);
  const partly = rotated < size ? { rotary_embedding_dim: rotated, num_heads: heads } : {};
  const attributes = { interleaved: isInterleaved ? 1 : 0, ...partly };
  return graph.node('RotaryEmbedding', [x, positions, cosines, sines], { domain: 'com.microsoft', attributes })[0] ?? '';
}

/** As `rotate` for [batch, sequence, heads * size] too, which stays in that shape. */
function rotateAny(graph: GraphBuilder, options: RotateOptions & { readonly heads: number }): string {
  if (graph.shape(options.x).length === 4) return rotate(graph, options);
  return joinHeads(graph, rotate(graph, { ...options, x: splitHeads(graph, options.x, options.heads) }));
}

/** The contrib operator: positions always, caches by position. */
const contrib: Lowering = (graph, node) => {
  const [x = '', positions = '', cosines = '', sines = ''] = node.inputs;
  if (intAttribute(node, 'is_packed_batching', 0)) throw noLowering(graph, node, 'of a packed batch');
  const half = graph.shape(cosines).at(-1) ?? 0;
  const width = graph.shape(x).at(-1) ?? 0;
  const heads = intAttribute(node, 'num_heads', 0) || width / (2 * half);
  return [rotateAny(graph, { x, positions, cosines, sines, heads, isInterleaved: intAttribute(node, 'interleaved', 0) === 1 })];
};

/** The standard operator: without positions the caches hold a row for each token of each row of the batch. */
const standard: Lowering = (graph, node) => {
  const [x = '', cosines = '', sines = '', given = ''] = node.inputs;
  const dims = graph.shape(x);
  const [batch = 1] = dims;
  const sequence = dims.at(-2) ?? 1;
  const rowOf = (cache: string): string => graph.reshape(cache, [batch * sequence, graph.shape(cache).at(-1) ?? 0]);
  const places = (): string => {
    const first = graph.int(Array.from({ length: batch }, (_, row) => row * sequence));
    const along = graph.int(Array.from({ length: sequence }, (_, place) => place));
    return graph.add(graph.reshape(first, [batch, 1]), along);
  };
  const [positions, cosineTable, sineTable] = given === '' ? [places(), rowOf(cosines), rowOf(sines)] : [given, cosines, sines];
  const heads = intAttribute(node, 'num_heads', 0) || 1;
  const isInterleaved = intAttribute(node, 'interleaved', 0) === 1;
  return [rotateAny(graph, { x, positions, cosines: cosineTable, sines: sineTable, heads, isInterleaved })];
};

/** Lowerings of rotary embeddings. */
export const rotaryLowerings: Readonly<Record<string, Lowering>> = {
  RotaryEmbedding: standard,
  'com.microsoft:RotaryEmbedding': contrib,
};
