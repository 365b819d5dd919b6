import { expect, test } from 'vitest';
import { GraphBuilder } from '../builder.js';
import { differentiate } from '../differentiate.js';
import { dataType } from '../model.js';
import { numbersOf, runGraph } from '../test-support.js';
import { elementwiseRules } from './elementwise.js';
import { check, describeGradients, expectRefusal, indices, positive } from './test-support.js';

const shapes = [[[2, 3], [2, 3]], [[2, 3], [3]], [[2, 1, 3], [4, 1]], [[], [2, 2]]];

describeGradients(elementwiseRules, [
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow'].flatMap((operator) => shapes.map((dims) => check(operator, dims, positive))),
  check('Mul', [[3]], { form: 'of a value with itself', build: (graph, x) => graph.mul(x, x) }),
  ...[2, 3, 4, 0.5, -1].map((exponent) =>
    check('Pow', [[3, 4]], { form: `to the power of ${exponent}`, build: (graph, x) => graph.op('Pow', [x, graph.float(exponent)]), ...positive })),
  check('Pow', [[3, 4]], { form: 'of negative numbers to a whole power', build: (graph, x) => graph.op('Pow', [x, graph.int(3)]) }),
  check('Pow', [[3, 4]], {
    form: 'to whole powers that are computed',
    build: (graph, x) => graph.op('Pow', [x, graph.reshape(graph.cast(graph.add(graph.op('Sign', [graph.slice(x, 0, 0, 1)]), graph.float(3)), dataType.int64), [4])]),
    ...positive,
  }),
  check('Sum', [[2, 3], [3], [2, 1]]),
  check('Sum', [[2, 3]], { form: 'of one' }),
  check('Mean', [[2, 3], [3], [2, 1]]),
  ...['Max', 'Min'].flatMap((operator) => [
    check(operator, [[2, 3]], { form: 'of a matrix and a number', build: (graph, x) => graph.op(operator, [graph.float(0.1), x]) }),
    // Moved apart, as there is no derivative where both sides are equal.
    check(operator, [[3, 4], [3, 1]], { build: (graph, a, b = '') => graph.op(operator, [a, graph.add(b, graph.float(0.08))]) }),
    check(operator, [[3, 4], [3, 1], [4]], { build: (graph, a, b = '', c = '') => graph.op(operator, [a, graph.add(b, graph.float(0.08)), graph.sub(c, graph.float(0.05))]) }),
    check(operator, [[3]], { form: 'of one' }),
  ]),
  check('Where', [[2, 3], [3]], { build: (graph, a, b) => graph.op('Where', [graph.op('Equal', [indices(graph, [1, 0], [2, 1]), graph.int([1, 1, 0])]), a, b]) }),
  check('Clip', [[3, 4]], { form: 'on both sides', build: (graph, x) => graph.op('Clip', [x, graph.float(-0.45), graph.float(0.5)]) }),
  check('Clip', [[3, 4]], { form: 'from above', build: (graph, x) => graph.op('Clip', [x, '', graph.float(0.4)]) }),
  check('Clip', [[3, 4]], { form: 'without bounds' }),
  check('Trilu', [[3, 4]], { form: 'of the upper part' }),
  check('Trilu', [[2, 3, 3]], { form: 'of the lower part below the diagonal', build: (graph, x) => graph.op('Trilu', [x, graph.int(-1)], { upper: 0 }) }),
  check('CumSum', [[2, 4]], { form: 'from the start', build: (graph, x) => graph.op('CumSum', [x, graph.int(1)]) }),
  check('CumSum', [[2, 4]], { form: 'from the end', build: (graph, x) => graph.op('CumSum', [x, graph.int(-1)], { reverse: 1 }) }),
  check('CumSum', [[4, 2]], { form: 'of those before', build: (graph, x) => graph.op('CumSum', [x, graph.int(0)], { exclusive: 1 }) }),
]);

test('three equal largest values share the gradient', async () => {
  const graph = new GraphBuilder();
  const names = ['a', 'b', 'c'].map((name) => graph.input(name, dataType.float32, []));
  const gradients = differentiate(graph, graph.op('Max', names), names);
  const one = { type: 'float32', data: Float32Array.of(1), dims: [] } as const;
  const results = await runGraph(graph, [...gradients.values()], { a: one, b: one, c: one });
  expect(Object.values(results).flatMap(numbersOf)).toEqual([1, 1, 1].map((value) => expect.closeTo(value / 3) as number));
});

test('the gradient of zero to a fixed power is no NaN', async () => {
  const graph = new GraphBuilder();
  const names = ['x', 'p'].map((name) => graph.input(name, dataType.float32, []));
  const gradients = differentiate(graph, graph.op('Pow', names), names);
  const tensor = (value: number) => ({ type: 'float32', data: Float32Array.of(value), dims: [] }) as const;
  const results = await runGraph(graph, [...gradients.values()], { x: tensor(0), p: tensor(2) });
  expect(Object.values(results).flatMap(numbersOf)).toEqual([0, 0]);
});

test('a gradient for the bounds of Clip is refused', () => {
  expectRefusal('Clip for its bounds', (graph, x) => graph.op('Clip', [x, graph.reshape(graph.slice(graph.slice(x, 0, 0, 1), 1, 0, 1), [])]));
});
