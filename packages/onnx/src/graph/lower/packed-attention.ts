import { floatAttribute, intAttribute, intsAttribute } from '../attributes.js';
import { attend, isCausal, joinHeads, maskBias, splitHeads } from './attend.js';
import { noLowering, refuse, type Lowering } from './lowering.js';
import { keyMaskBiases } from './multi-head-attention.js';

/**
 * Self-attention whose three projections of `input` [batch, sequence, width] are one matrix, with their bias. Past keys and
 * values [2, batch, heads, past, size] are refused unless there are none; present ones are given.
 */
export const packedAttention: Lowering = (graph, node) => {
  refuse(graph, node, { inputs: { 6: 'with a shared cache' } });
  if (intAttribute(node, 'do_rotary', 0) === 1) throw noLowering(graph, node, 'with rotary embeddings');
  const [x = '', weight = '', bias = '', mask = '', past = '', attentionBias = ''] = node.inputs;
  if (past !== '' && graph.shape(past)[3] !== 0) throw noLowering(graph, node, 'with past keys');
  const heads = intAttribute(node, 'num_heads', 1);
  const width = (graph.shape(weight)[1] ?? 0) / 3;
  const sizes = intsAttribute(node, 'qkv_hidden_sizes') ?? [width, width, width];
  const product = graph.op('MatMul', [x, weight]);
  const projected = bias === '' ? product : graph.add(product, bias);
  const parts = graph.node('Split', [projected, graph.int(sizes)], { attributes: { axis: -1 }, outputs: 3 });
  const [query = '', key = '', value = ''] = parts.map((part) => splitHeads(graph, part, heads));
  const [batch = 1, sequence = 1] = graph.shape(x);
  const mixed = attend(graph, {
    query,
    key,
    value,
    scale: floatAttribute(node, 'scale', 0) || undefined,
    biases: [
      ...(intAttribute(node, 'unidirectional', 0) === 1 ? [maskBias(graph, isCausal(graph, sequence, sequence))] : []),
      ...keyMaskBiases(graph, node, mask, sequence, batch),
      ...(attentionBias === '' ? [] : [attentionBias]),
    ],
  });
  if (!node.outputs[1]) return [joinHeads(graph, mixed)];
  const present = graph.op('Concat', [graph.unsqueeze(key, [0]), graph.unsqueeze(value, [0])], { axis: 0 });
  return [joinHeads(graph, mixed), present];
};
