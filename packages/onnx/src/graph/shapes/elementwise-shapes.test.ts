import { dataType } from '../model.js';
import { elementwiseShapes } from './elementwise-shapes.js';
import { bool, describeShapes, each, float, int, row } from './test-support.js';

const x = float('batch', 'sequence', 4);
const unary = 'Abs Neg Sign Exp Log Sqrt Reciprocal Sin Cos Tan Round Floor Ceil Clip Identity Dropout IsNaN IsInf';
const activations = 'Relu Tanh Sigmoid Softplus Erf Gelu HardSigmoid HardSwish Elu LeakyRelu Mish';
const broadcast = [float('batch', 1, 4), float('sequence', 1)];
const reductions = 'ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSumExp';

describeShapes(elementwiseShapes, [
  ...each(`${unary} ${activations}`, [x], x.dims),
  row('QuickGelu', [x], x.dims, (graph, name) => graph.node('QuickGelu', [name], { domain: 'com.microsoft' })),
  row('RotaryEmbedding', [float('batch', 3, 8), int('batch', 3), float(6, 4), float(6, 4)], ['batch', 3, 8], (graph, ...names) =>
    graph.node('RotaryEmbedding', names, { domain: 'com.microsoft' })),
  ...each('Softmax LogSoftmax', [x], x.dims, (graph, operator, names) => graph.op(operator, names, { axis: 1 })),
  row('Not', [bool('batch', 3)], ['batch', 3]),
  row('BitwiseNot', [int('batch', 3)], ['batch', 3]),
  row('Cast', [x], x.dims, (graph, name) => graph.cast(name, dataType.int64)),
  row('CastLike', [x, int()], x.dims),
  row('CumSum', [x], x.dims, (graph, name) => graph.op('CumSum', [name, graph.int(1)])),
  row('Trilu', [x, int()], x.dims),
  { operator: 'Dropout', inputs: [x], build: (graph, name) => graph.node('Dropout', [name], { outputs: 2 }), shapes: [x.dims, x.dims] },
  ...each('Add Sub Mul Div Pow Min Max Sum Mean', broadcast, ['batch', 'sequence', 4]),
  ...each('Equal Less LessOrEqual Greater GreaterOrEqual', broadcast, ['batch', 'sequence', 4]),
  row('Add', [float('batch', 3), float(1, 3)], ['batch', 3]),
  row('Add', [float('batch', 3), float(2, 3)], [2, 3]),
  row('Add', [float(2, 3), float('batch', 3)], [2, 3]),
  row('Max', [float('batch', 1), float(1, 3), float(3)], ['batch', 3]),
  row('Mod', [int('batch', 3)], ['batch', 3], (graph, a) => graph.op('Mod', [a, graph.int(7)])),
  row('PRelu', [x, float(4)], x.dims),
  ...each('And Or Xor', [bool('batch', 3), bool(3)], ['batch', 3]),
  ...each('BitwiseAnd BitwiseOr BitwiseXor', [int('batch', 3), int(3)], ['batch', 3]),
  row('Where', [bool('batch', 1), float('sequence', 1, 4), float()], ['sequence', 'batch', 4]),
  ...each(reductions, [x], ['batch', 4], (graph, operator, [name = '']) => graph.op(operator, [name, graph.int([-2])], { keepdims: 0 })),
  row('ReduceMax', [x], ['batch', 1, 4], (graph, name) => graph.op('ReduceMax', [name, graph.int([1])])),
  row('ReduceSum', [x], [1, 1, 1], (graph, name) => graph.op('ReduceSum', [name])),
  row('ReduceSum', [x], [], (graph, name) => graph.sum(name, [], 0)),
  row('ReduceSum', [x], x.dims, (graph, name) => graph.op('ReduceSum', [name, graph.int([])], { noop_with_empty_axes: 1 })),
  ...each('ArgMax ArgMin', [x], ['batch', 1, 4], (graph, operator, names) => graph.op(operator, names, { axis: -2 })),
  row('ArgMax', [x], ['batch', 'sequence'], (graph, name) => graph.op('ArgMax', [name], { axis: 2, keepdims: 0 })),
  {
    operator: 'LayerNormalization',
    inputs: [x, float(4)],
    build: (graph, ...names) => graph.node('LayerNormalization', names, { outputs: 3 }),
    shapes: [x.dims, ['batch', 'sequence', 1], ['batch', 'sequence', 1]],
  },
  {
    operator: 'SimplifiedLayerNormalization',
    inputs: [x, float(4)],
    build: (graph, ...names) => graph.node('SimplifiedLayerNormalization', names, { outputs: 2 }),
    shapes: [x.dims, ['batch', 'sequence', 1]],
  },
]);
