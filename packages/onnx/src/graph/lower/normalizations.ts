import { floatAttribute, intAttribute } from '../attributes.js';
import type { GraphBuilder } from '../builder.js';
import { frontAxis } from '../shapes/shape-rule.js';
import { refuse, type Lowering } from './lowering.js';

/** Scaled by the root of the mean square over the axes from `axis` on (Zhang and Sennrich 2019). */
const rootMeanSquare: Lowering = (graph, node) => {
  const [x = '', scale = ''] = node.inputs;
  const axis = intAttribute(node, 'axis', -1);
  const epsilon = { float: floatAttribute(node, 'epsilon', 1e-5) };
  const dims = graph.shape(x);
  const normalized = dims.slice(frontAxis(axis, dims.length));
  // The kernel wants a scale of the normalised shape.
  const isWhole = graph.shape(scale).join() === normalized.join();
  const full = isWhole ? scale : graph.op('Expand', [scale, graph.int(normalized)]);
  return graph.node('SimplifiedLayerNormalization', [x, full], { attributes: { axis, epsilon } });
};

/** Normalises the sum of the first two inputs and, where there is one, a bias; that sum is the fourth output. */
const skip = (biasIndex: number, normalize: (graph: GraphBuilder, sum: string, inputs: readonly string[], epsilon: number) => string): Lowering =>
  (graph, node) => {
    refuse(graph, node, { outputs: { 1: 'with its mean', 2: 'with its deviation' } });
    const [x = '', other = ''] = node.inputs;
    const bias = node.inputs[biasIndex] ?? '';
    const pair = graph.add(x, other);
    const sum = bias === '' ? pair : graph.add(pair, bias);
    return [normalize(graph, sum, node.inputs, floatAttribute(node, 'epsilon', 1e-12)), '', '', sum];
  };

/** Lowerings of normalisations. */
export const normalizationLowerings: Readonly<Record<string, Lowering>> = {
  RMSNormalization: rootMeanSquare,
  'com.microsoft:SkipLayerNormalization': skip(4, (graph, sum, [, , scale = '', shift = ''], epsilon) =>
    graph.op('LayerNormalization', shift === '' ? [sum, scale] : [sum, scale, shift], { axis: -1, epsilon: { float: epsilon } })),
  'com.microsoft:SkipSimplifiedLayerNormalization': skip(3, (graph, sum, [, , scale = ''], epsilon) =>
    graph.op('SimplifiedLayerNormalization', [sum, scale], { axis: -1, epsilon: { float: epsilon } })),
};
