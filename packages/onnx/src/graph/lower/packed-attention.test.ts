import { test } from 'vitest';
import { describeLowerings, expectUnsupported, floats, int32, together } from './test-support.js';

const operator = 'com.microsoft:Attention';
const inputs = [[2, 3, 4], [4, 24], [24]];

describeLowerings([operator], [
  { operator, form: 'of everything', floats: inputs, attributes: { num_heads: 2 } },
  {
    operator,
    form: 'from left to right with a mask of tokens',
    floats: inputs,
    inputs: (graph, ...given) => [...given, int32(graph, [1, 1, 1, 1, 1, 0], [2, 3])],
    attributes: { num_heads: 2, unidirectional: 1 },
  },
  {
    operator,
    form: 'with a wider query, a scale and an attention bias',
    floats: [[2, 3, 4], [4, 20], [20], [2, 2, 3, 3]],
    inputs: (_graph, x = '', weight = '', bias = '', attentionBias = '') => [x, weight, bias, '', '', attentionBias],
    attributes: { num_heads: 2, qkv_hidden_sizes: [8, 8, 4], scale: { float: 0.3 } },
  },
  {
    operator,
    form: 'with an empty past and present keys',
    floats: inputs,
    inputs: (graph, ...given) => [...given, '', floats(graph, 'past', [2, 2, 2, 0, 4])],
    attributes: { num_heads: 2, unidirectional: 1 },
    outputs: [true, true],
    read: together,
  },
]);

test('past keys are refused', () => {
  expectUnsupported({ operator, form: 'Attention with past keys', floats: inputs, inputs: (graph, ...given) => [...given, '', floats(graph, 'past', [2, 2, 2, 1, 4])], attributes: { num_heads: 2 } });
});

test('rotary embeddings are refused', () => {
  expectUnsupported({ operator, form: 'Attention with rotary embeddings', floats: inputs, attributes: { num_heads: 2, do_rotary: 1 } });
});
