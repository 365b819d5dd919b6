import { test } from 'vitest';
import type { GraphBuilder } from '../builder.js';
import { rotaryLowerings } from './rotary-embedding.js';
import { describeLowerings, expectUnsupported, floats, type NodeInputs } from './test-support.js';

const caches = (graph: GraphBuilder, ...dims: number[]): string[] => [floats(graph, 'cosines', dims), floats(graph, 'sine', dims)];
const contrib = (half: number, positions: (graph: GraphBuilder) => string): NodeInputs => (graph, x = '') => [x, positions(graph), ...caches(graph, 6, half)];
const each = (graph: GraphBuilder): string => graph.reshape(graph.int([0, 1, 2, 3, 1, 5]), [2, 3]);
const first = (graph: GraphBuilder): string => graph.int([2]);

describeLowerings(Object.keys(rotaryLowerings), [
  { operator: 'com.microsoft:RotaryEmbedding', form: 'of rows at given positions', floats: [[2, 3, 16]], inputs: contrib(4, each) },
  { operator: 'com.microsoft:RotaryEmbedding', form: 'of heads from a first position', floats: [[2, 2, 3, 8]], inputs: contrib(4, first), attributes: { interleaved: 1 } },
  { operator: 'com.microsoft:RotaryEmbedding', form: 'of a part', floats: [[2, 3, 16]], inputs: contrib(2, each), attributes: { num_heads: 2, rotary_embedding_dim: 4 } },
  { operator: 'RotaryEmbedding', form: 'of heads at given positions', floats: [[2, 2, 3, 8]], inputs: (graph, x = '') => [x, ...caches(graph, 6, 4), each(graph)] },
  { operator: 'RotaryEmbedding', form: 'of rows with a cache a token', floats: [[2, 3, 16]], inputs: (graph, x = '') => [x, ...caches(graph, 2, 3, 4)], attributes: { num_heads: 2 } },
  {
    operator: 'RotaryEmbedding',
    form: 'of neighbours in a part',
    floats: [[2, 2, 3, 8]],
    inputs: (graph, x = '') => [x, ...caches(graph, 6, 2), each(graph)],
    attributes: { interleaved: 1, rotary_embedding_dim: 4, num_heads: 2 },
  },
]);

test('a packed batch is refused', () => {
  expectUnsupported({ operator: 'com.microsoft:RotaryEmbedding', form: 'RotaryEmbedding of a packed batch', floats: [[2, 3, 16]], inputs: contrib(4, each), attributes: { is_packed_batching: 1 } });
});
