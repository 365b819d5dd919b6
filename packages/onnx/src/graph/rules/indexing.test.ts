import { test } from 'vitest';
import type { GraphBuilder } from '../builder.js';
import { dataType } from '../model.js';
import { indexingRules } from './indexing.js';
import { check, describeGradients, expectRefusal, indices, type GradientCheck } from './test-support.js';

const gather = (axis: number, values: readonly number[], dims: readonly number[]): GradientCheck['build'] => (graph, x) =>
  graph.op('Gather', [x, indices(graph, values, dims)], { axis });

const scatter = (operator: string, attributes: Readonly<Record<string, string | number>>, values: readonly number[], dims: readonly number[]): GradientCheck['build'] =>
  (graph, data = '', updates = '') => graph.op(operator, [data, indices(graph, values, dims), updates], attributes);

/** Indices that are known only when the graph runs. */
const hidden = (graph: GraphBuilder, x: string, values: readonly number[]): string => {
  const zero = graph.cast(graph.mul(graph.sum(x, graph.shape(x).map((_, axis) => axis), 0), graph.float(0)), dataType.int64);
  return graph.add(graph.int(values), zero);
};

describeGradients(indexingRules, [
  check('Gather', [[4, 2]], { form: 'of a row twice', build: gather(0, [3, 0, 3, -1], [2, 2]) }),
  check('Gather', [[4]], { form: 'of a number', build: (graph, x) => graph.op('Gather', [x, graph.int(2)]) }),
  check('Gather', [[2, 3, 2]], { form: 'of one column', build: (graph, x) => graph.op('Gather', [x, graph.int(-1)], { axis: 1 }) }),
  check('Gather', [[2, 3, 2]], { form: 'of columns', build: gather(1, [2, 0, 2, -2], [2, 2]) }),
  check('Gather', [[2, 3]], { form: 'along the last axis', build: (graph, x) => graph.op('Gather', [x, hidden(graph, x, [1, 1])], { axis: -1 }) }),
  check('GatherElements', [[3, 2]], { form: 'along rows', build: (graph, x) => graph.op('GatherElements', [x, indices(graph, [0, 0, 2, -1], [2, 2])]) }),
  check('GatherElements', [[3, 4]], { form: 'along columns', build: (graph, x) => graph.op('GatherElements', [x, indices(graph, [1, 1, 0], [3, 1])], { axis: -1 }) }),
  check('GatherND', [[2, 3, 2]], { form: 'of a place twice', build: (graph, x) => graph.op('GatherND', [x, indices(graph, [1, 2, 0, 0, 1, 2], [3, 2])]) }),
  check('GatherND', [[2, 3, 2]], { form: 'of a row a batch', build: (graph, x) => graph.op('GatherND', [x, indices(graph, [2, -3], [2, 1])], { batch_dims: 1 }) }),
  check('GatherND', [[2, 2, 3]], {
    form: 'of several places with two batch axes',
    build: (graph, x) => graph.op('GatherND', [x, indices(graph, [2, 2, 0, 1, 1, 0, 2, 0], [2, 2, 2, 1])], { batch_dims: 2 }),
  }),
  check('ScatterND', [[4, 2], [2, 2]], { form: 'that overwrites rows', build: scatter('ScatterND', {}, [3, 0], [2, 1]) }),
  check('ScatterND', [[4, 2], [3]], { form: 'that adds', build: scatter('ScatterND', { reduction: 'add' }, [3, 0, 1, 1, 3, 0], [3, 2]) }),
  check('ScatterElements', [[3, 2], [1, 2]], { form: 'that overwrites', build: scatter('ScatterElements', {}, [2, 0], [1, 2]) }),
  check('ScatterElements', [[2, 3], [2, 2]], { form: 'that adds', build: scatter('ScatterElements', { axis: 1, reduction: 'add' }, [2, 2, 0, 1], [2, 2]) }),
]);

test.each(['ScatterND', 'ScatterElements'])('%s of the larger value is refused', (operator) => {
  const places = (graph: GraphBuilder): string => (operator === 'ScatterND' ? indices(graph, [0], [1, 1]) : indices(graph, [0, 0, 0, 0], [1, 4]));
  expectRefusal(`${operator} with reduction max`, (graph, x) => graph.op(operator, [x, places(graph), graph.zeros([1, 4])], { reduction: 'max' }));
});
