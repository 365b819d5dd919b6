import { expect, test } from 'vitest';
import { GraphBuilder } from '../builder.js';
import { differentiate } from '../differentiate.js';
import { dataType } from '../model.js';
import { numbersOf, runGraph } from '../test-support.js';
import { reductionRules } from './reduction.js';
import { check, describeGradients } from './test-support.js';

describeGradients(reductionRules, Object.keys(reductionRules).flatMap((operator) => [
  check(operator, [[2, 3]], { form: 'of everything' }),
  check(operator, [[2, 3, 2]], { form: 'that keeps its axes', build: (graph, x) => graph.op(operator, [x, graph.int([-1, 0])]) }),
  check(operator, [[2, 3, 2]], { form: 'that drops its axes', build: (graph, x) => graph.op(operator, [x, graph.int([1])], { keepdims: 0 }) }),
  check(operator, [[2, 3]], { form: 'over no named axis', build: (graph, x) => graph.op(operator, [x, graph.int([])], { keepdims: 0 }) }),
]));

/** The gradient of an operator over all of `values`. */
async function gradientOf(operator: string, values: readonly number[]): Promise<number[]> {
  const graph = new GraphBuilder();
  const x = graph.input('x', dataType.float32, [values.length]);
  const gradient = differentiate(graph, graph.op(operator, [x], { keepdims: 0 }), ['x']).get('x') ?? '';
  const results = await runGraph(graph, [gradient], { x: { type: 'float32', data: Float32Array.from(values), dims: [values.length] } });
  return numbersOf(results[gradient]);
}

test.each([['ReduceMax', [1, 3, 3]], ['ReduceMin', [5, 2, 2]]] as const)('equal extremes of %s share the gradient', async (operator, values) => {
  expect(await gradientOf(operator, values)).toEqual([0, 0.5, 0.5]);
});

test('the length of a zero vector has gradient zero', async () => {
  expect(await gradientOf('ReduceL2', [0, 0])).toEqual([0, 0]);
});

test('a reduction over no axes that does nothing passes its gradient on', async () => {
  const graph = new GraphBuilder();
  const x = graph.input('x', dataType.float32, [2]);
  const same = graph.op('ReduceSum', [x, graph.int([])], { noop_with_empty_axes: 1 });
  expect(graph.shape(same)).toEqual([2]);
  const gradient = differentiate(graph, graph.sum(graph.mul(same, graph.initializer('w', [2], Float32Array.of(3, 4))), [0], 0), ['x']).get('x') ?? '';
  const results = await runGraph(graph, [gradient], { x: { type: 'float32', data: Float32Array.of(1, 2), dims: [2] } });
  expect(numbersOf(results[gradient])).toEqual([3, 4]);
});
