import { test } from 'vitest';
import type { GraphBuilder } from '../builder.js';
import { describeLowerings, expectUnsupported, floats, int32, together, type LoweringCase, type NodeInputs } from './test-support.js';

const operator = 'com.microsoft:GroupQueryAttention';
const heads = { num_heads: 2, kv_num_heads: 1 };

/** Inputs after query, key and value for 4 tokens a row: no past, each row's last place. */
const rest = (graph: GraphBuilder, last: readonly number[], length = 4): string[] => ['', '', int32(graph, last), int32(graph, [length], [])];
const caches = (graph: GraphBuilder): string[] => [floats(graph, 'cosines', [6, 8]), floats(graph, 'sine', [6, 8])];
// A kernel leaves nothing of use in rows of padding.
const tokens: LoweringCase['read'] = (graph, output = '') =>
  together(graph, graph.slice(output, 0, 0, 1), graph.slice(graph.slice(output, 0, 1, 2), 1, 0, 2));

describeLowerings([operator], [
  {
    operator,
    form: 'of one prompt',
    floats: [[1, 4, 16], [1, 4, 8], [1, 4, 8]],
    inputs: (graph, ...qkv) => [...qkv, ...rest(graph, [3])],
    attributes: heads,
  },
  {
    operator,
    form: 'of padded rows with a scale, softcap and present keys',
    floats: [[2, 4, 16], [2, 4, 8], [2, 4, 8]],
    inputs: (graph, ...qkv) => [...qkv, ...rest(graph, [3, 1])],
    attributes: { ...heads, scale: { float: 0.9 }, softcap: { float: 1.5 } },
    outputs: [true, true, true],
    read: (graph, output = '', key = '', value = '') => together(graph, tokens(graph, output), graph.slice(key, 0, 0, 1), graph.slice(value, 0, 0, 1)),
  },
  {
    operator,
    form: 'of packed projections with rotary embeddings',
    floats: [[1, 3, 64]],
    inputs: (graph, x = '') => [x, '', '', ...rest(graph, [2], 3), ...caches(graph)],
    attributes: { ...heads, do_rotary: 1 },
  },
  {
    operator,
    form: 'with neighbours turned and a local window',
    floats: [[1, 4, 32], [1, 4, 16], [1, 4, 16]],
    inputs: (graph, ...qkv) => [...qkv, ...rest(graph, [3]), ...caches(graph)],
    attributes: { ...heads, do_rotary: 1, rotary_interleaved: 1, local_window_size: 2 },
  },
  {
    operator,
    form: 'with an attention bias and an empty past',
    floats: [[1, 4, 16], [1, 4, 8], [1, 4, 8], [1, 2, 4, 4]],
    inputs: (graph, query = '', key = '', value = '', bias = '') => {
      const [, , ...lengths] = rest(graph, [3]);
      return [query, key, value, floats(graph, 'pastKey', [1, 1, 0, 8]), floats(graph, 'pastValue', [1, 1, 0, 8]), ...lengths, '', '', '', bias];
    },
    attributes: heads,
    // Past keys come with present ones.
    outputs: [true, true, true],
  },
]);

const plain = (inputs: (graph: GraphBuilder) => string[]): NodeInputs => (graph, ...qkv) => [...qkv, ...inputs(graph)];

test.each<[string, Partial<LoweringCase>]>([
  ['with past keys', { inputs: plain((graph) => [floats(graph, 'pastKey', [1, 1, 2, 8]), floats(graph, 'pastValue', [1, 1, 2, 8]), int32(graph, [5]), int32(graph, [6], [])]) }],
  ['with a smooth softmax', { inputs: plain((graph) => rest(graph, [3])), attributes: { ...heads, smooth_softmax: 1 } }],
  ['with head sinks', { inputs: plain((graph) => [...rest(graph, [3]), '', '', '', '', floats(graph, 'sinks', [2])]) }],
])('GroupQueryAttention %s is refused', (form, given) => {
  expectUnsupported({ operator, form: `GroupQueryAttention ${form}`, floats: [[1, 4, 16], [1, 4, 8], [1, 4, 8]], attributes: heads, ...given });
});
