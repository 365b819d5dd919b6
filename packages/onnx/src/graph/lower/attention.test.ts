import { test } from 'vitest';
import { bool, describeLowerings, expectUnsupported, together } from './test-support.js';

const operator = 'Attention';
const apart = [[2, 2, 3, 4], [2, 2, 5, 4], [2, 2, 5, 2]];

describeLowerings([operator], [
  { operator, form: 'with heads apart', floats: apart },
  {
    operator,
    form: 'in rows with grouped heads and a mask of truth values',
    floats: [[2, 3, 16], [2, 3, 8], [2, 3, 8]],
    inputs: (graph, ...qkv) => [...qkv, bool(graph, [1, 0, 0, 1, 1, 0, 1, 0, 1], [3, 3])],
    attributes: { q_num_heads: 4, kv_num_heads: 2, scale: { float: 0.7 } },
  },
  { operator, form: 'from left to right with a softcap', floats: apart, attributes: { is_causal: 1, softcap: { float: 1.2 } } },
  {
    operator,
    form: 'with a mask of numbers after a softcap',
    floats: [...apart, [2, 1, 3, 5]],
    attributes: { softcap: { float: 0.8 } },
  },
  {
    operator,
    form: 'with past and present keys',
    floats: [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 2], [1, 2, 2, 4], [1, 2, 2, 2]],
    inputs: (_graph, query = '', key = '', value = '', pastKey = '', pastValue = '') => [query, key, value, '', pastKey, pastValue],
    attributes: { is_causal: 1 },
    outputs: [true, true, true],
    read: together,
  },
  {
    operator,
    form: 'with a number of keys a row',
    floats: apart,
    inputs: (graph, ...qkv) => [...qkv, '', '', '', graph.int([5, 2])],
  },
]);

test('products as an output are refused', () => {
  expectUnsupported({ operator, form: 'Attention that returns its products', floats: apart, outputs: [true, false, false, true] });
});
