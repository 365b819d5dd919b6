import { floatAttribute, intAttribute } from '../attributes.js';
import type { GraphBuilder } from '../builder.js';
import type { NodeProto } from '../model.js';
import { attend, isCausal, isWithin, joinHeads, maskBias, splitHeads } from './attend.js';
import { noLowering, refuse, type Lowering } from './lowering.js';

/** Biases by a mask of keys: lengths [batch], or 1 for what may be seen in [batch, keys] or [batch, queries, keys]. */
export function keyMaskBiases(graph: GraphBuilder, node: NodeProto, mask: string, keys: number, batch: number): string[] {
  if (mask === '') return [];
  const dims = graph.shape(mask);
  const low = floatAttribute(node, 'mask_filter_value', -10_000);
  const isSeen = (): string => graph.op('Greater', [mask, graph.cast(graph.int(0), graph.info(mask).type)]);
  if (dims.length === 1 && dims[0] === batch) return [maskBias(graph, isWithin(graph, mask, keys), low)];
  if (dims.length === 2) return [maskBias(graph, graph.unsqueeze(isSeen(), [1, 2]), low)];
  if (dims.length === 3) return [maskBias(graph, graph.unsqueeze(isSeen(), [1]), low)];
  throw noLowering(graph, node, `with a mask of shape [${dims.join(', ')}]`);
}

/** Rows before the first one are put in front, unless there are none. */
export function withPast(graph: GraphBuilder, past: string, rows: string): string {
  return past === '' || graph.shape(past)[2] === 0 ? rows : graph.op('Concat', [past, rows], { axis: 2 });
}

/**
 * Self- or cross-attention of query, key and value [batch, sequence, width] (key and value may have their heads apart), with
 * a bias of the three projections, a key padding mask, an attention bias and past keys. Packed forms are refused.
 */
export const multiHeadAttention: Lowering = (graph, node) => {
  refuse(graph, node, {
    inputs: { 8: 'with a shared cache', 9: 'with beams' },
    outputs: { 3: 'that returns its products' },
  });
  const [query = '', key = '', value = '', bias = '', mask = '', attentionBias = '', pastKey = '', pastValue = ''] = node.inputs;
  if (key === '' || graph.shape(key).length === 5) throw noLowering(graph, node, 'of packed projections');
  const heads = intAttribute(node, 'num_heads', 1);
  const apart = splitBias(graph, bias, [query, key, value]);
  const rowsOf = (x: string, index: number): string => {
    if (graph.shape(x).length === 4) return x;
    const part = apart[index];
    return splitHeads(graph, part === undefined ? x : graph.add(x, part), heads);
  };
  const keyRows = withPast(graph, pastKey, rowsOf(key, 1));
  const valueRows = withPast(graph, pastValue, rowsOf(value, 2));
  const [batch = 1, queries = 1] = graph.shape(query);
  const keys = graph.shape(keyRows)[2] ?? 1;
  const mixed = attend(graph, {
    query: rowsOf(query, 0),
    key: keyRows,
    value: valueRows,
    scale: floatAttribute(node, 'scale', 0) || undefined,
    biases: [
      ...(intAttribute(node, 'unidirectional', 0) === 1 ? [maskBias(graph, isCausal(graph, queries, keys))] : []),
      ...keyMaskBiases(graph, node, mask, keys, batch),
      ...(attentionBias === '' ? [] : [attentionBias]),
    ],
  });
  return [joinHeads(graph, mixed), keyRows, valueRows];
};

/** The parts of a bias that belong to query, key and value. */
function splitBias(graph: GraphBuilder, bias: string, projections: readonly string[]): readonly string[] {
  if (bias === '') return [];
  const [query = 0, key = 0, value = 0] = projections.map((name) => graph.shape(name).at(-1) ?? 0);
  return graph.node('Split', [bias, graph.int([query, key, value])], { attributes: { axis: 0 }, outputs: 3 });
}
