import { test } from 'vitest';
import { describeLowerings, expectUnsupported } from './test-support.js';

const operator = 'com.microsoft:FusedGemm';
const floats = [[2, 3], [4, 3], [4]];

describeLowerings([operator], [
  { operator, form: 'with Tanh', floats, attributes: { transB: 1, activation: 'Tanh' } },
  { operator, form: 'with Relu and factors', floats, attributes: { transB: 1, activation: 'Relu', alpha: { float: 0.5 }, beta: { float: 2 } } },
  { operator, form: 'with LeakyRelu and no sum', floats: [[2, 3], [3, 4]], attributes: { activation: 'LeakyRelu', activation_alpha: { float: 0.3 } } },
]);

test('an activation without a rule is refused', () => {
  expectUnsupported({ operator, form: 'FusedGemm with activation Selu', floats, attributes: { transB: 1, activation: 'Selu' } });
});
