import { floatAttribute } from '../attributes.js';
import type { GraphBuilder } from '../builder.js';
import type { Lowering } from './lowering.js';

const withBias = (graph: GraphBuilder, inputs: readonly string[]): string => {
  const [x = '', bias = ''] = inputs;
  return bias === '' ? x : graph.add(x, bias);
};

/** x s(a x) with the logistic function s; the runtime has one kernel for it. */
const gatedBySigmoid = (defaultAlpha: number): Lowering => (graph, node) => {
  const attributes = { alpha: { float: floatAttribute(node, 'alpha', defaultAlpha) } };
  return graph.node('QuickGelu', node.inputs, { domain: 'com.microsoft', attributes });
};

/** Lowerings of activation functions. */
export const activationLowerings: Readonly<Record<string, Lowering>> = {
  Swish: gatedBySigmoid(1),
  'com.microsoft:QuickGelu': gatedBySigmoid(1.702),
  'com.microsoft:Gelu': (graph, node) => [graph.op('Gelu', node.inputs)],
  'com.microsoft:BiasGelu': (graph, node) => [graph.op('Gelu', [withBias(graph, node.inputs)])],
  'com.microsoft:FastGelu': (graph, node) => [graph.op('Gelu', [withBias(graph, node.inputs)], { approximate: 'tanh' })],
};
