import { inputName, outputGradient, type GradientRule } from './rule.js';

/** A rotation is undone by the opposite angle, and its gradient is that. The caches are no weights and have none. */
const rotaryEmbedding: GradientRule = (request) => {
  const { graph, node } = request;
  const [, positions = '', cosines = ''] = node.inputs;
  const inputs = [outputGradient(request), positions, cosines, graph.neg(inputName(node, 3))];
  return [graph.node('RotaryEmbedding', inputs, { domain: node.domain, attributes: node.attributes })[0]];
};

/** Gradients of rotary position embeddings. */
export const rotaryRules: Readonly<Record<string, GradientRule>> = { RotaryEmbedding: rotaryEmbedding };
