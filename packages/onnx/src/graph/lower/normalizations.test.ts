import { test } from 'vitest';
import { normalizationLowerings } from './normalizations.js';
import { describeLowerings, expectUnsupported, together, type LoweringCase } from './test-support.js';

const x = [2, 3, 8];
const epsilon = { epsilon: { float: 0.01 } };
const withSum = { outputs: [true, false, false, true], read: (graph, first = '', _mean, _deviation, sum = '') => together(graph, first, sum) } satisfies Partial<LoweringCase>;

describeLowerings(Object.keys(normalizationLowerings), [
  { operator: 'RMSNormalization', form: 'over one axis', floats: [x, [8]] },
  { operator: 'RMSNormalization', form: 'over two axes', floats: [x, [3, 8]], attributes: { axis: 1, ...epsilon } },
  { operator: 'RMSNormalization', form: 'with one scale for all', floats: [x, [1]], attributes: epsilon },
  { operator: 'com.microsoft:SkipLayerNormalization', form: 'without biases', floats: [x, x, [8]], attributes: epsilon },
  { operator: 'com.microsoft:SkipLayerNormalization', form: 'with both biases and the sum', floats: [x, x, [8], [8], [8]], attributes: epsilon, ...withSum },
  { operator: 'com.microsoft:SkipLayerNormalization', form: 'of a row for all', floats: [x, [1, 3, 8], [8], [8]], attributes: epsilon },
  { operator: 'com.microsoft:SkipSimplifiedLayerNormalization', form: 'without a bias', floats: [x, x, [8]], attributes: epsilon },
  { operator: 'com.microsoft:SkipSimplifiedLayerNormalization', form: 'with a bias and the sum', floats: [x, x, [8], [8]], attributes: epsilon, ...withSum },
]);

test('SkipLayerNormalization that returns its mean is refused', () => {
  expectUnsupported({ operator: 'com.microsoft:SkipLayerNormalization', form: 'SkipLayerNormalization with its mean', floats: [x, x, [8]], outputs: [true, true] });
});
