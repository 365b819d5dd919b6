import { activationLowerings } from './activations.js';
import { describeLowerings } from './test-support.js';

const x = [2, 3, 4];

describeLowerings(Object.keys(activationLowerings), [
  { operator: 'Swish', form: 'by default', floats: [x] },
  { operator: 'Swish', form: 'with a factor', floats: [x], attributes: { alpha: { float: 1.5 } } },
  { operator: 'com.microsoft:QuickGelu', form: 'by default', floats: [x] },
  { operator: 'com.microsoft:QuickGelu', form: 'with a factor', floats: [x], attributes: { alpha: { float: 1 } } },
  { operator: 'com.microsoft:Gelu', form: 'of a block', floats: [x] },
  { operator: 'com.microsoft:Gelu', form: 'of a vector', floats: [[5]] },
  { operator: 'com.microsoft:BiasGelu', form: 'of a block', floats: [x, [4]] },
  { operator: 'com.microsoft:BiasGelu', form: 'of a matrix', floats: [[2, 5], [5]] },
  { operator: 'com.microsoft:FastGelu', form: 'without a bias', floats: [x] },
  { operator: 'com.microsoft:FastGelu', form: 'with a bias', floats: [x, [4]] },
]);
