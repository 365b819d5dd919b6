import { test } from 'vitest';
import type { GraphBuilder } from '../builder.js';
import { layoutRules } from './layout.js';
import { check, describeGradients, expectRefusal, withAttributes } from './test-support.js';

/** The parts of a split in another order, the last one squared. */
const joinParts = (graph: GraphBuilder, parts: readonly string[], axis: number): string => {
  const last = parts.at(-1) ?? '';
  return graph.op('Concat', [graph.mul(last, last), ...parts.slice(0, -1)], { axis });
};

const slice = (graph: GraphBuilder, x: string, ...parts: number[][]): string => graph.op('Slice', [x, ...parts.map((part) => graph.int(part))]);

describeGradients(layoutRules, [
  check('Reshape', [[2, 6]], { build: (graph, x) => graph.reshape(x, [3, -1]) }),
  check('Flatten', [[2, 3, 2]], { build: withAttributes('Flatten', { axis: 2 }) }),
  check('Squeeze', [[2, 1, 3, 1]], { form: 'of one axis', build: (graph, x) => graph.op('Squeeze', [x, graph.int([-1])]) }),
  check('Squeeze', [[2, 1, 3, 1]], { form: 'of all' }),
  check('Unsqueeze', [[2, 3]], { build: (graph, x) => graph.unsqueeze(x, [0, -1]) }),
  check('Transpose', [[2, 3, 2]], { form: 'by an order', build: (graph, x) => graph.transpose(x, [2, 0, 1]) }),
  check('Transpose', [[2, 3]], { form: 'by default' }),
  check('Expand', [[3, 1]], { build: (graph, x) => graph.op('Expand', [x, graph.int([2, 1, 2])]) }),
  check('Tile', [[2, 3]], { build: (graph, x) => graph.op('Tile', [x, graph.int([2, 3])]) }),
  check('Concat', [[2, 1], [2, 3]], { build: withAttributes('Concat', { axis: -1 }) }),
  check('Split', [[2, 5]], {
    form: 'by sizes',
    build: (graph, x) => joinParts(graph, graph.node('Split', [x, graph.int([2, 3])], { attributes: { axis: -1 }, outputs: 2 }), 1),
  }),
  check('Split', [[5, 2]], {
    form: 'into equal parts with a smaller last one',
    build: (graph, x) => joinParts(graph, graph.node('Split', [x], { attributes: { num_outputs: 3 }, outputs: 3 }), 0),
  }),
  check('Slice', [[4, 3]], { form: 'from the end', build: (graph, x) => graph.slice(x, 0, -3, -1) }),
  check('Slice', [[4, 3]], { form: 'beyond the end', build: (graph, x) => graph.slice(x, -1, 1, 2 ** 31) }),
  check('Slice', [[4, 3]], { form: 'of everything', build: (graph, x) => graph.slice(x, 0, 0, 4) }),
  check('Slice', [[4, 3]], { form: 'without axes', build: (graph, x) => slice(graph, x, [1, 0], [3, 2]) }),
  check('Slice', [[3, 5]], { form: 'with a step', build: (graph, x) => slice(graph, x, [1], [5], [1], [2]) }),
  check('Slice', [[3, 5]], { form: 'backwards', build: (graph, x) => slice(graph, x, [-1], [-99], [-1], [-1]) }),
  check('Slice', [[4, 5]], { form: 'with a step on one axis only', build: (graph, x) => slice(graph, x, [3, 1], [0, 4], [0, 1], [-2, 1]) }),
  check('Pad', [[2, 3]], { form: 'on all sides', build: (graph, x) => graph.op('Pad', [x, graph.int([1, 0, 0, 2]), graph.float(5)]) }),
  check('Pad', [[2, 3]], { form: 'on one axis', build: (graph, x) => graph.op('Pad', [x, graph.int([2, 1]), '', graph.int([-1])]) }),
]);

test.each<[string, Parameters<typeof expectRefusal>[1]]>([
  ['Pad in mode reflect', (graph, x) => graph.op('Pad', [x, graph.int([1, 0, 0, 0])], { mode: 'reflect' })],
  ['Pad by negative sizes', (graph, x) => graph.op('Pad', [x, graph.int([-1, 0, 0, 0])])],
  ['Pad for its padding', (graph, x) => graph.op('Pad', [x, graph.int([1, 0, 0, 0]), graph.sum(x, [0, 1], 0)])],
])('%s is refused', expectRefusal);
