import { expect, test } from 'vitest';
import { GraphBuilder } from '../builder.js';
import { dataType } from '../model.js';
import { indexShapes } from './index-shapes.js';
import { describeShapes, float, int, row } from './test-support.js';

const x = float('batch', 'sequence', 4);
const seven = { kind: 'tensor', value: { name: '', dims: [1], type: dataType.int64, bytes: new Uint8Array(BigInt64Array.of(7n).buffer) } } as const;

describeShapes(indexShapes, [
  row('ScatterND', [float(6, 4), int('batch', 1), float('batch', 4)], [6, 4]),
  row('ScatterElements', [float(6, 4), int('batch', 4), float('batch', 4)], [6, 4]),
  row('Gather', [float(6, 4), int('batch', 'sequence')], ['batch', 'sequence', 4]),
  row('Gather', [x, int()], ['batch', 'sequence'], (graph, name, at) => graph.op('Gather', [name, at], { axis: -1 })),
  row('GatherElements', [float('batch', 4), int('batch', 1)], ['batch', 1], (graph, ...names) => graph.op('GatherElements', names, { axis: 1 })),
  row('GatherND', [x, int(7, 2)], [7, 4]),
  row('GatherND', [x, int('batch', 1)], ['batch', 4], (graph, ...names) => graph.op('GatherND', names, { batch_dims: 1 })),
  { operator: 'TopK', inputs: [x], build: (graph, name) => graph.node('TopK', [name, graph.int([3])], { outputs: 2 }), shapes: [['batch', 'sequence', 3], ['batch', 'sequence', 3]] },
  row('NonZero', [x], [3, '']),
  row('OneHot', [int('batch')], ['batch', 5], (graph, name) => graph.op('OneHot', [name, graph.int(5), graph.initializer('values', [2], Float32Array.of(0, 1))])),
  row('OneHot', [int('batch', 3)], [5, 'batch', 3], (graph, name) => graph.op('OneHot', [name, graph.int([5]), graph.int([0, 1])], { axis: 0 })),
  row('Shape', [x], [3]),
  row('Shape', [x], [1], (graph, name) => graph.op('Shape', [name], { start: 1, end: -1 })),
  row('Size', [x], []),
  row('Range', [], [4], (graph) => graph.op('Range', [graph.int(1), graph.int(9), graph.int(2)])),
  row('Range', [], [0], (graph) => graph.op('Range', [graph.float(1), graph.float(0), graph.float(1)])),
  row('ConstantOfShape', [], [2, 3], (graph) => graph.op('ConstantOfShape', [graph.int([2, 3])])),
  row('ConstantOfShape', [], [2], (graph) => graph.op('ConstantOfShape', [graph.int([2])], { value: seven })),
]);

test('GatherND by indices of free depth is refused', () => {
  const graph = new GraphBuilder();
  const data = graph.input('x', dataType.float32, ['batch', 4]);
  const at = graph.input('at', dataType.int64, [3, 'depth']);
  expect(() => graph.op('GatherND', [data, at])).toThrow(expect.objectContaining({ code: 'model-invalid' }));
});
