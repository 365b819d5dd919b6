import { test } from 'vitest';
import { describeLowerings, expectUnsupported, floats, int32, together, type LoweringCase } from './test-support.js';

const operator = 'com.microsoft:MultiHeadAttention';
const rows = [[2, 3, 8], [2, 4, 8], [2, 4, 6]];
const heads = { num_heads: 2 };

describeLowerings([operator], [
  { operator, form: 'across sequences', floats: rows, attributes: heads },
  {
    operator,
    form: 'with biases of the projections, a mask of tokens and an attention bias',
    floats: [...rows, [22], [1, 2, 3, 4]],
    inputs: (graph, query = '', key = '', value = '', bias = '', attentionBias = '') =>
      [query, key, value, bias, int32(graph, [1, 1, 0, 1, 1, 1, 1, 0], [2, 4]), attentionBias],
    attributes: { ...heads, scale: { float: 0.8 } },
  },
  {
    operator,
    form: 'with a mask by lengths',
    floats: rows,
    inputs: (graph, ...qkv) => [...qkv, '', int32(graph, [4, 2])],
    attributes: heads,
  },
  {
    operator,
    form: 'with a mask for each query',
    floats: rows,
    inputs: (graph, ...qkv) => [...qkv, '', int32(graph, Array.from({ length: 24 }, (_, index) => Number(index % 5 !== 1)), [2, 3, 4])],
    attributes: heads,
  },
  {
    operator,
    form: 'from left to right with past and present keys',
    floats: [[1, 3, 8], [1, 3, 8], [1, 3, 8], [1, 2, 2, 4], [1, 2, 2, 4]],
    inputs: (_graph, query = '', key = '', value = '', pastKey = '', pastValue = '') => [query, key, value, '', '', '', pastKey, pastValue],
    attributes: { ...heads, unidirectional: 1 },
    outputs: [true, true, true],
    read: together,
  },
  {
    operator,
    form: 'with heads of key and value apart',
    floats: [[2, 3, 8], [2, 2, 4, 4], [2, 2, 4, 4]],
    attributes: heads,
  },
]);

test.each<[string, LoweringCase['inputs'], number[][]]>([
  ['of packed projections', (_graph, x = '') => [x], [[2, 3, 2, 3, 4]]],
  ['of packed projections', (_graph, x = '', kv = '') => [x, kv], [[2, 3, 8], [2, 4, 2, 2, 4]]],
  ['with a mask of shape', (graph, ...qkv) => [...qkv, '', int32(graph, [1, 2, 3, 4, 5, 6, 7, 8])], rows],
  ['with a shared cache', (graph, ...qkv) => [...qkv, '', '', '', floats(graph, 'pastKey', [2, 2, 9, 4]), floats(graph, 'pastValue', [2, 2, 9, 3]), int32(graph, [2])], rows],
])('MultiHeadAttention %s is refused', (form, inputs, dims) => {
  expectUnsupported({ operator, form: `MultiHeadAttention ${form}`, floats: dims, attributes: heads, ...(inputs && { inputs }) });
});
