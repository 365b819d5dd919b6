import type { GraphBuilder } from '../builder.js';
import { spreadNumbers } from '../test-support.js';
import { rotaryRules } from './rotary.js';
import { check, describeGradients, indices, type GradientCheck } from './test-support.js';

const rotary = (half: number, attributes: Readonly<Record<string, number>>): GradientCheck['build'] => (graph, x) => {
  const cache = (name: string): string => graph.initializer(name, [6, half], spreadNumbers(6 * half, -1, 1, name.length));
  const positions = indices(graph, [0, 1, 2, 5], [2, 2]);
  return first(graph, [x, positions, cache('cosines'), cache('sine')], attributes);
};
const first = (graph: GraphBuilder, inputs: readonly string[], attributes: Readonly<Record<string, number>>): string =>
  graph.node('RotaryEmbedding', inputs, { domain: 'com.microsoft', attributes })[0] ?? '';

describeGradients(rotaryRules, [
  check('RotaryEmbedding', [[2, 2, 2, 8]], { form: 'of halves', build: rotary(4, {}) }),
  check('RotaryEmbedding', [[2, 2, 8]], { form: 'of neighbours', build: rotary(4, { interleaved: 1 }) }),
  check('RotaryEmbedding', [[2, 2, 16]], { form: 'of a part', build: rotary(2, { num_heads: 2, rotary_embedding_dim: 4 }) }),
]);
