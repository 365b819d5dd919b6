import { test } from 'vitest';
import { normalizationRules } from './normalization.js';
import { check, describeGradients, expectRefusal, indices, withAttributes, type GradientCheck } from './test-support.js';

/** Attention of one head: a softmax that weighs rows. */
const weighRows: GradientCheck['build'] = (graph, scores, rows = '') => graph.op('MatMul', [graph.op('Softmax', [scores]), rows]);
const pick = (values: readonly number[], dims: readonly number[], axis: number): GradientCheck['build'] => (graph, x) =>
  graph.op('GatherElements', [graph.op('LogSoftmax', [x], { axis }), indices(graph, values, dims)], { axis });

const wide = { axis: 1, epsilon: { float: 0.1 } };

describeGradients(normalizationRules, [
  check('LayerNormalization', [[2, 3, 4], [4], [4]], { form: 'over one axis' }),
  check('LayerNormalization', [[2, 2, 3], [2, 3]], { form: 'over two axes', build: withAttributes('LayerNormalization', wide) }),
  check('SimplifiedLayerNormalization', [[2, 3, 4], [4]], { form: 'over one axis' }),
  check('SimplifiedLayerNormalization', [[2, 2, 3], [2, 3]], { form: 'over two axes', build: withAttributes('SimplifiedLayerNormalization', wide) }),
  ...['Softmax', 'LogSoftmax'].flatMap((operator) => [
    check(operator, [[2, 4]]),
    check(operator, [[2, 3, 2]], { form: 'over an inner axis', build: withAttributes(operator, { axis: 1 }) }),
  ]),
  check('Softmax', [[2, 3, 4], [2, 4, 2]], { form: 'that weighs few rows', build: weighRows }),
  check('Softmax', [[2, 3, 4], [2, 4, 5]], { form: 'that weighs wide rows', build: weighRows }),
  check('Softmax', [[2, 3, 4], [2, 4, 2]], {
    form: 'that weighs rows and is read once more',
    build: (graph, scores, rows = '') => {
      const weights = graph.op('Softmax', [scores]);
      return graph.op('Concat', [graph.op('MatMul', [weights, rows]), weights], { axis: 2 });
    },
  }),
  check('LogSoftmax', [[3, 4]], { form: 'of which a place a row is picked', build: pick([2, 0, 2], [3, 1], 1) }),
  check('LogSoftmax', [[4, 2]], { form: 'of which a place a column is picked twice', build: pick([1, 1, 1, 3], [2, 2], 0) }),
  check('LogSoftmax', [[3, 4]], { form: 'of which a place of the first rows is picked', build: pick([2, 0], [2, 1], 1) }),
  check('LogSoftmax', [[3, 4]], {
    form: 'of which places along another axis are picked',
    build: (graph, x) => graph.op('GatherElements', [graph.op('LogSoftmax', [x]), indices(graph, [2, 0, 2, 1], [1, 4])], { axis: 0 }),
  }),
]);

test('LayerNormalization by its mean is refused', () => {
  expectRefusal('LayerNormalization by an output after its first', (graph, x) => graph.node('LayerNormalization', [x, graph.zeros([4])], { outputs: 2 })[1] ?? '');
});
