import { expect, test } from 'vitest';
import { GraphBuilder } from '../builder.js';
import { dataType } from '../model.js';
import { layoutShapes } from './layout-shapes.js';
import { describeShapes, float, row } from './test-support.js';

const x = float('batch', 'sequence', 4);

describeShapes(layoutShapes, [
  row('Reshape', [float(6, 4)], [2, 12], (graph, name) => graph.reshape(name, [2, -1])),
  row('Reshape', [x], ['batch', 'sequence', 2, 2], (graph, name) => graph.reshape(name, [0, 0, 2, 2])),
  row('Reshape', [x], ['batch', 'sequence', 2, 2], (graph, name) => graph.reshape(name, [0, 0, 2, -1])),
  row('Reshape', [x], ['', 4], (graph, name) => graph.reshape(name, [-1, 4])),
  row('Reshape', [float(0, 4)], [0, 2, 2], (graph, name) => graph.op('Reshape', [name, graph.int([0, 2, 2])], { allowzero: 1 })),
  row('Flatten', [float('batch', 3, 4)], ['batch', 12]),
  row('Flatten', [float(2, 3, 4)], [6, 4], (graph, name) => graph.op('Flatten', [name], { axis: -1 })),
  row('Flatten', [x], [1, ''], (graph, name) => graph.op('Flatten', [name], { axis: 0 })),
  row('Squeeze', [float('batch', 1, 4, 1)], ['batch', 4, 1], (graph, name) => graph.op('Squeeze', [name, graph.int([-3])])),
  row('Squeeze', [float(2, 1, 4, 1)], [2, 4]),
  row('Slice', [float('batch', 6)], ['batch', 3], (graph, name) => graph.slice(name, 1, -4, -1)),
  row('Slice', [x], ['batch', '', 4], (graph, name) => graph.slice(name, 1, 0, -1)),
  row('Slice', [x], ['batch', 'sequence', 4], (graph, name) => graph.slice(name, 1, 0, 2 ** 31)),
  row('Slice', [float(7, 4)], [4, 4], (graph, name) => graph.op('Slice', [name, graph.int([0]), graph.int([99]), graph.int([0]), graph.int([2])])),
  row('Slice', [float(7, 4)], [3, 4], (graph, name) => graph.op('Slice', [name, graph.int([-1]), graph.int([-99]), graph.int([0]), graph.int([-3])])),
  row('Slice', [float(7, 4)], [7, 4], (graph, name) => graph.op('Slice', [name, graph.int([99]), graph.int([-99]), graph.int([0]), graph.int([-1])])),
  row('Slice', [float(7, 4)], [0, 2], (graph, name) => graph.op('Slice', [name, graph.int([5, 1]), graph.int([2, 3])])),
  row('Concat', [float('batch', 3), float('batch', 2)], ['batch', 5], (graph, ...names) => graph.op('Concat', names, { axis: -1 })),
  row('Concat', [float('batch', 3), float(1, 3)], ['', 3], (graph, ...names) => graph.op('Concat', names, { axis: 0 })),
  row('Pad', [float('batch', 3)], ['', 6], (graph, name) => graph.op('Pad', [name, graph.int([1, 2, 0, 1]), graph.float(0)])),
  row('Pad', [float('batch', 3)], ['batch', 6], (graph, name) => graph.op('Pad', [name, graph.int([2, 1]), graph.float(0), graph.int([-1])])),
  row('Unsqueeze', [float('batch', 4)], [1, 'batch', 4, 1], (graph, name) => graph.unsqueeze(name, [-1, 0])),
  row('Unsqueeze', [float('batch', 4)], [1, 1, 'batch', 4], (graph, name) => graph.unsqueeze(name, [-3, 0])),
  row('Transpose', [x], [4, 'batch', 'sequence'], (graph, name) => graph.transpose(name, [2, 0, 1])),
  row('Transpose', [x], [4, 'sequence', 'batch'], (graph, name) => graph.op('Transpose', [name])),
  row('Expand', [float(3, 1)], [2, 3, 5], (graph, name) => graph.op('Expand', [name, graph.int([2, 1, 5])])),
  row('Tile', [float('batch', 3)], ['batch', 6], (graph, name) => graph.op('Tile', [name, graph.int([1, 2])])),
  row('Tile', [float('batch', 3)], ['', 3], (graph, name) => graph.op('Tile', [name, graph.int([2, 1])])),
  {
    operator: 'Split',
    inputs: [float('batch', 6, 2)],
    build: (graph, name) => graph.node('Split', [name, graph.int([1, 5])], { attributes: { axis: -2 }, outputs: 2 }),
    shapes: [['batch', 1, 2], ['batch', 5, 2]],
  },
  {
    operator: 'Split',
    inputs: [float(7, 2)],
    build: (graph, name) => graph.node('Split', [name], { attributes: { num_outputs: 3 }, outputs: 3 }),
    shapes: [[3, 2], [3, 2], [1, 2]],
  },
  {
    operator: 'Split',
    inputs: [float('batch', 2)],
    build: (graph, name) => graph.node('Split', [name], { attributes: { num_outputs: 2 }, outputs: 2 }),
    shapes: [['', 2], ['', 2]],
  },
]);

test('Pad by one number an axis is refused', () => {
  const graph = new GraphBuilder();
  const input = graph.input('x', dataType.float32, [2, 3]);
  expect(() => graph.op('Pad', [input, graph.int([1, 1])])).toThrow(expect.objectContaining({ code: 'model-invalid' }));
});
