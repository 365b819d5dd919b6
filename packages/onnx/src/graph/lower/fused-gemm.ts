import { floatAttribute, stringAttribute } from '../attributes.js';
import { noLowering, type Lowering } from './lowering.js';

const activations = new Set(['Relu', 'Tanh', 'Sigmoid', 'LeakyRelu']);

/** A Gemm and an activation of its result. */
export const fusedGemm: Lowering = (graph, node) => {
  const activation = stringAttribute(node, 'activation', '');
  if (!activations.has(activation)) throw noLowering(graph, node, `with activation ${activation}`);
  const own = ['transA', 'transB', 'alpha', 'beta'].flatMap((name) => (node.attributes[name] ? [[name, node.attributes[name]] as const] : []));
  const product = graph.op('Gemm', node.inputs, Object.fromEntries(own));
  const slope = activation === 'LeakyRelu' ? { alpha: { float: floatAttribute(node, 'activation_alpha', 0.01) } } : {};
  return [graph.op(activation, [product], slope)];
};
