import { floatAttribute, intAttribute } from '../attributes.js';
import type { GraphBuilder } from '../builder.js';
import { dataType } from '../model.js';
import { attend, isCausal, isWithin, joinHeads, maskBias, splitHeads } from './attend.js';
import { refuse, type Lowering } from './lowering.js';
import { withPast } from './multi-head-attention.js';

/**
 * The standard operator (opset 23 and 24): query, key and value with heads apart or, given their numbers, in rows; a mask of
 * truth values or numbers, causal or not, softcap, grouped key heads and past keys.
 */
export const attention: Lowering = (graph, node) => {
  refuse(graph, node, { outputs: { 3: 'that returns its products' } });
  const [query = '', key = '', value = '', mask = '', pastKey = '', pastValue = '', lengths = ''] = node.inputs;
  const isFlat = graph.shape(query).length === 3;
  const keyHeads = intAttribute(node, 'kv_num_heads', 1);
  const rowsOf = (x: string, heads: number): string => (isFlat ? splitHeads(graph, x, heads) : x);
  const queryRows = rowsOf(query, intAttribute(node, 'q_num_heads', 1));
  const keyRows = withPast(graph, pastKey, rowsOf(key, keyHeads));
  const valueRows = withPast(graph, pastValue, rowsOf(value, keyHeads));
  const [queries = 1, keys = 1] = [graph.shape(queryRows)[2], graph.shape(keyRows)[2]];
  const past = pastKey === '' ? 0 : (graph.shape(pastKey)[2] ?? 0);
  const isSeen = [
    ...(intAttribute(node, 'is_causal', 0) === 1 ? [isCausal(graph, queries, keys, { past })] : []),
    ...(lengths === '' ? [] : [isWithin(graph, lengths, keys)]),
  ];
  const mixed = attend(graph, {
    query: queryRows,
    key: keyRows,
    value: valueRows,
    scale: floatAttribute(node, 'scale', 0) || undefined,
    softcap: floatAttribute(node, 'softcap', 0),
    biases: [...isSeen.map((visible) => maskBias(graph, visible)), ...givenBias(graph, mask, keys)],
  });
  return [isFlat ? joinHeads(graph, mixed) : mixed, keyRows, valueRows];
};

/** The mask as a bias; keys beyond its end are not seen. */
function givenBias(graph: GraphBuilder, mask: string, keys: number): string[] {
  if (mask === '') return [];
  const bias = graph.info(mask).type === dataType.bool ? maskBias(graph, mask) : mask;
  const missing = keys - (graph.shape(bias).at(-1) ?? keys);
  if (missing <= 0 || graph.shape(bias).at(-1) === 1) return [bias];
  return [graph.op('Pad', [bias, graph.int([0, missing]), graph.float(-1e9), graph.int([-1])])];
}
