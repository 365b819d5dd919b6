import { floatAttribute, intAttribute } from '../attributes.js';
import type { GraphBuilder } from '../builder.js';
import type { NodeProto } from '../model.js';
import { attend, isCausal, isWithin, joinHeads, maskBias, splitHeads } from './attend.js';
import { noLowering, refuse, type Lowering } from './lowering.js';
import { rotate } from './rotary-embedding.js';

/** Query, key and value apart; packed, they follow each other along the last axis. */
function unpack(graph: GraphBuilder, node: NodeProto, heads: number, keyHeads: number): readonly string[] {
  const [query = '', key = '', value = ''] = node.inputs;
  if (key !== '') return [query, key, value];
  const size = (graph.shape(query).at(-1) ?? 0) / (heads + 2 * keyHeads);
  return graph.node('Split', [query, graph.int([heads * size, keyHeads * size, keyHeads * size])], { attributes: { axis: -1 }, outputs: 3 });
}

function requireSupported(graph: GraphBuilder, node: NodeProto): void {
  refuse(graph, node, { inputs: { 11: 'with head sinks' }, outputs: { 3: 'that returns its products' } });
  if (intAttribute(node, 'smooth_softmax', 0) === 1) throw noLowering(graph, node, 'with a smooth softmax');
  const [, , , pastKey = ''] = node.inputs;
  if (pastKey !== '' && graph.shape(pastKey)[2] !== 0) throw noLowering(graph, node, 'with past keys');
}

/**
 * Causal attention of a whole prompt; `seqlens_k` (input 5) is each row's number of tokens less 1, the rest is right padding
 * that no token sees. Rotation by caches, a local window, softcap and an attention bias are taken over; past keys are not.
 */
export const groupQueryAttention: Lowering = (graph, node) => {
  requireSupported(graph, node);
  const [, , , , , lastPlaces = '', , cosines = '', sines = '', positions = '', bias = ''] = node.inputs;
  const heads = intAttribute(node, 'num_heads', 1);
  const keyHeads = intAttribute(node, 'kv_num_heads', heads);
  const window = intAttribute(node, 'local_window_size', -1);
  const [query = '', key = '', value = ''] = unpack(graph, node, heads, keyHeads);
  const isInterleaved = intAttribute(node, 'rotary_interleaved', 0) === 1;
  const turned = (x: string): string =>
    intAttribute(node, 'do_rotary', 0) === 0
      ? x
      : rotate(graph, { x, positions: positions === '' ? graph.int([0]) : positions, cosines, sines, isInterleaved });
  const keyRows = turned(splitHeads(graph, key, keyHeads));
  const valueRows = splitHeads(graph, value, keyHeads);
  const length = graph.shape(keyRows)[2] ?? 1;
  const visible = isCausal(graph, length, length, window > 0 ? { window } : {});
  const isToken = isWithin(graph, graph.op('Add', [lastPlaces, oneLike(graph, lastPlaces)]), length);
  const mixed = attend(graph, {
    query: turned(splitHeads(graph, query, heads)),
    key: keyRows,
    value: valueRows,
    scale: floatAttribute(node, 'scale', 0) || undefined,
    softcap: floatAttribute(node, 'softcap', 0),
    biases: [maskBias(graph, graph.op('And', [visible, isToken])), ...(bias === '' ? [] : [bias])],
  });
  return [joinHeads(graph, mixed), keyRows, valueRows];
};

function oneLike(graph: GraphBuilder, name: string): string {
  return graph.cast(graph.int(1), graph.info(name).type);
}
