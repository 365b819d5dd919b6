import { test } from 'vitest';
import { activationRules } from './activation.js';
import { check, describeGradients, expectRefusal, withAttributes } from './test-support.js';

const quick = (alpha: number) => (graph: Parameters<ReturnType<typeof withAttributes>>[0], x: string): string =>
  graph.node('QuickGelu', [x], { domain: 'com.microsoft', attributes: { alpha: { float: alpha } } })[0] ?? '';

describeGradients(activationRules, [
  ...['Relu', 'Tanh', 'Sigmoid', 'Softplus', 'Gelu', 'Mish', 'Elu', 'LeakyRelu'].map((operator) => check(operator, [[3, 4]])),
  check('Gelu', [[3, 4]], { form: 'in its tanh form', build: withAttributes('Gelu', { approximate: 'tanh' }), range: [-3, 3] }),
  check('QuickGelu', [[3, 4]], { form: 'with a factor', build: quick(1.702) }),
  check('QuickGelu', [[3, 4]], { form: 'with factor 1', build: quick(1), range: [-3, 3] }),
  check('HardSigmoid', [[3, 4]], { form: 'with its corners inside', range: [-5, 5] }),
  check('HardSigmoid', [[3, 4]], { form: 'with a slope', build: withAttributes('HardSigmoid', { alpha: { float: 0.7 }, beta: { float: 0.1 } }) }),
  check('HardSwish', [[3, 4]], { range: [-5, 5] }),
  check('Elu', [[3, 4]], { form: 'with a factor', build: withAttributes('Elu', { alpha: { float: 0.3 } }) }),
  check('LeakyRelu', [[3, 4]], { form: 'with a slope', build: withAttributes('LeakyRelu', { alpha: { float: 0.4 } }) }),
  check('PRelu', [[3, 4], [4]]),
  check('PRelu', [[2, 3, 2], [3, 1]]),
]);

test('an unknown form of Gelu is refused', () => {
  expectRefusal('Gelu in its form cubic', (graph, x) => graph.op('Gelu', [x], { approximate: 'cubic' }));
});
