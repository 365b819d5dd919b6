import { describe, expect, test } from 'vitest';
import type { Tensor } from '../session/tensor.js';
import { GraphBuilder } from './builder.js';
import { broadcastDims, shapedOperators } from './infer-shape.js';
import { dataType, type Dimension } from './model.js';
import { runGraph } from './test-support.js';

const sizes: Readonly<Record<string, number>> = { batch: 2, sequence: 5 };

interface Input {
  readonly type: 'float32' | 'int64' | 'bool';
  readonly dims: readonly Dimension[];
}

interface Row {
  readonly operator: string;
  readonly inputs: readonly Input[];
  /** Appends the operator to the graph and returns its outputs. */
  readonly build: (graph: GraphBuilder, ...names: string[]) => string | readonly string[];
  readonly shapes: readonly (readonly Dimension[])[];
}

const float = (...dims: Dimension[]): Input => ({ type: 'float32', dims });
const int = (...dims: Dimension[]): Input => ({ type: 'int64', dims });
const bool = (...dims: Dimension[]): Input => ({ type: 'bool', dims });

const row = (operator: string, inputs: readonly Input[], shape: readonly Dimension[], build?: Row['build']): Row => ({
  operator,
  inputs,
  build: build ?? ((graph, ...names) => graph.op(operator, names)),
  shapes: [shape],
});

const each = (operators: string, inputs: readonly Input[], shape: readonly Dimension[], build?: (graph: GraphBuilder, operator: string, names: string[]) => string): Row[] =>
  operators.split(' ').map((operator) => row(operator, inputs, shape, build && ((graph, ...names) => build(graph, operator, names))));

const x = float('batch', 'sequence', 4);
const unary = 'Abs Neg Exp Log Sqrt Reciprocal Sin Cos Sign Relu Tanh Sigmoid Softplus Erf Gelu Identity Clip Round';
const broadcast = [float('batch', 1, 4), float('sequence', 1)];

const rows: readonly Row[] = [
  ...each(unary, [x], x.dims),
  ...each('Softmax LogSoftmax', [x], x.dims, (graph, operator, names) => graph.op(operator, names, { axis: 1 })),
  row('Not', [bool('batch', 3)], ['batch', 3]),
  row('Cast', [x], x.dims, (graph, name) => graph.cast(name, dataType.int64)),
  row('CumSum', [x], x.dims, (graph, name) => graph.op('CumSum', [name, graph.int(1)])),
  row('ScatterND', [float(6, 4), int('batch', 1), float('batch', 4)], [6, 4]),
  row('ScatterElements', [float(6, 4), int('batch', 4), float('batch', 4)], [6, 4]),
  ...each('Add Sub Mul Div Pow Min Max Sum', broadcast, ['batch', 'sequence', 4]),
  ...each('Equal Less LessOrEqual Greater GreaterOrEqual', broadcast, ['batch', 'sequence', 4]),
  row('Add', [float('batch', 3), float(1, 3)], ['batch', 3]),
  row('Add', [float('batch', 3), float(2, 3)], [2, 3]),
  row('Add', [float(2, 3), float('batch', 3)], [2, 3]),
  row('Max', [float('batch', 1), float(1, 3), float(3)], ['batch', 3]),
  row('Mod', [int('batch', 3), int()], ['batch', 3], (graph, a) => graph.op('Mod', [a, graph.int(7)])),
  ...each('And Or', [bool('batch', 3), bool(3)], ['batch', 3]),
  row('Where', [bool('batch', 1), float('sequence', 1, 4), float()], ['sequence', 'batch', 4]),
  ...each('ReduceSum ReduceMean ReduceMax ReduceMin ReduceL2', [x], ['batch', 4], (graph, operator, [name = '']) =>
    graph.op(operator, [name, graph.int([-2])], { keepdims: 0 })),
  row('ReduceMax', [x], ['batch', 1, 4], (graph, name) => graph.op('ReduceMax', [name, graph.int([1])])),
  row('ReduceSum', [x], [1, 1, 1], (graph, name) => graph.op('ReduceSum', [name])),
  row('ReduceSum', [x], [], (graph, name) => graph.sum(name, [], 0)),
  row('MatMul', [x, float(4, 3)], ['batch', 'sequence', 3]),
  row('MatMul', [float('batch', 1, 'sequence', 4), float(3, 4, 'sequence')], ['batch', 3, 'sequence', 'sequence']),
  row('MatMul', [float(4), x], ['batch', 'sequence'], (graph, a, b) => graph.op('MatMul', [a, graph.transpose(b, [0, 2, 1])])),
  row('MatMul', [x, float(4)], ['batch', 'sequence']),
  row('MatMul', [float(4), float(4)], []),
  row('FusedMatMul', [x, float('batch', 'sequence', 3)], ['batch', 4, 3], (graph, a, b) => graph.fusedMatMul(a, b, { transA: 1 })),
  row('FusedMatMul', [x, float(3, 4)], ['batch', 'sequence', 3], (graph, a, b) => graph.fusedMatMul(a, b, { transB: 1 })),
  row('Gemm', [float(4, 'batch'), float(3, 4), float(3)], ['batch', 3], (graph, ...names) => graph.op('Gemm', names, { transA: 1, transB: 1 })),
  row('Reshape', [float(6, 4)], [2, 12], (graph, name) => graph.reshape(name, [2, -1])),
  row('Reshape', [x], ['batch', 'sequence', 2, 2], (graph, name) => graph.reshape(name, [0, 0, 2, 2])),
  row('Reshape', [x], ['', 4], (graph, name) => graph.reshape(name, [-1, 4])),
  row('Slice', [float('batch', 6)], ['batch', 3], (graph, name) => graph.slice(name, 1, -4, -1)),
  row('Slice', [x], ['batch', '', 4], (graph, name) => graph.slice(name, 1, 0, -1)),
  row('Slice', [x], ['batch', 'sequence', 4], (graph, name) => graph.slice(name, 1, 0, 2 ** 31)),
  row('Slice', [float(7, 4)], [4, 4], (graph, name) => graph.op('Slice', [name, graph.int([0]), graph.int([99]), graph.int([0]), graph.int([2])])),
  row('Slice', [float(7, 4)], [3, 4], (graph, name) => graph.op('Slice', [name, graph.int([-1]), graph.int([-99]), graph.int([0]), graph.int([-3])])),
  row('Slice', [float(7, 4)], [0, 2], (graph, name) => graph.op('Slice', [name, graph.int([5, 1]), graph.int([2, 3])])),
  row('Concat', [float('batch', 3), float('batch', 2)], ['batch', 5], (graph, ...names) => graph.op('Concat', names, { axis: -1 })),
  row('Concat', [float('batch', 3), float(1, 3)], ['', 3], (graph, ...names) => graph.op('Concat', names, { axis: 0 })),
  row('Pad', [float('batch', 3)], ['', 6], (graph, name) => graph.op('Pad', [name, graph.int([1, 2, 0, 1]), graph.float(0)])),
  row('Pad', [float('batch', 3)], ['batch', 6], (graph, name) => graph.op('Pad', [name, graph.int([2, 1]), graph.float(0), graph.int([-1])])),
  row('Gather', [float(6, 4), int('batch', 'sequence')], ['batch', 'sequence', 4]),
  row('Gather', [x, int()], ['batch', 'sequence'], (graph, name, at) => graph.op('Gather', [name, at], { axis: -1 })),
  row('GatherElements', [float('batch', 4), int('batch', 1)], ['batch', 1], (graph, ...names) => graph.op('GatherElements', names, { axis: 1 })),
  row('GatherND', [x, int(7, 2)], [7, 4]),
  row('GatherND', [x, int('batch', 1)], ['batch', 4], (graph, ...names) => graph.op('GatherND', names, { batch_dims: 1 })),
  row('Unsqueeze', [float('batch', 4)], [1, 'batch', 4, 1], (graph, name) => graph.unsqueeze(name, [-1, 0])),
  row('Unsqueeze', [float('batch', 4)], [1, 1, 'batch', 4], (graph, name) => graph.unsqueeze(name, [-3, 0])),
  row('Transpose', [x], [4, 'batch', 'sequence'], (graph, name) => graph.transpose(name, [2, 0, 1])),
  row('Transpose', [x], [4, 'sequence', 'batch'], (graph, name) => graph.op('Transpose', [name])),
  row('Expand', [float(3, 1)], [2, 3, 5], (graph, name) => graph.op('Expand', [name, graph.int([2, 1, 5])])),
  {
    operator: 'Split',
    inputs: [float('batch', 6, 2)],
    build: (graph, name) => graph.node('Split', [name, graph.int([1, 5])], { attributes: { axis: -2 }, outputs: 2 }),
    shapes: [['batch', 1, 2], ['batch', 5, 2]],
  },
  {
    operator: 'LayerNormalization',
    inputs: [x, float(4)],
    build: (graph, ...names) => graph.node('LayerNormalization', names, { outputs: 3 }),
    shapes: [x.dims, ['batch', 'sequence', 1], ['batch', 'sequence', 1]],
  },
];

const named = rows.map((given): [string, Row] => [
  `${given.operator} of ${JSON.stringify(given.inputs.map(({ dims }) => dims))} gives ${JSON.stringify(given.shapes)}`,
  given,
]);

function bind(dims: readonly Dimension[]): number[] {
  return dims.map((size) => (typeof size === 'number' ? size : (sizes[size] ?? Number.NaN)));
}

function zeros({ type, dims }: Input): Tensor {
  const bound = bind(dims);
  const count = bound.reduce((product, size) => product * size, 1);
  if (type === 'int64') return { type, data: new BigInt64Array(count), dims: bound };
  return type === 'bool' ? { type, data: new Uint8Array(count), dims: bound } : { type, data: new Float32Array(count), dims: bound };
}

function assemble({ inputs, build }: Row): { graph: GraphBuilder; outputs: readonly string[] } {
  const graph = new GraphBuilder();
  const names = inputs.map(({ type, dims }, index) => graph.input(`input${index}`, dataType[type], dims));
  const built = build(graph, ...names);
  return { graph, outputs: typeof built === 'string' ? [built] : built };
}

describe('the shape of an operator', () => {
  test.each(named)('%s', (_, given) => {
    const { graph, outputs } = assemble(given);
    expect(outputs.map((name) => graph.info(name).dims)).toEqual(given.shapes);
  });

  test.each(named)('%s, and so does the runtime', async (_, given) => {
    const { graph, outputs } = assemble(given);
    const used = Object.fromEntries(given.inputs.map((input, index) => [`input${index}`, zeros(input)]));
    const results = await runGraph(graph, outputs, used);
    const known = given.shapes.map((dims) => dims.map((size) => (size === '' ? (expect.any(Number) as number) : bind([size])[0])));
    expect(outputs.map((name) => results[name]?.dims)).toEqual(known);
  });

  test('every operator with a shape rule is in the table', () => {
    expect(shapedOperators.length).toBeGreaterThan(0);
    expect([...new Set(rows.map(({ operator }) => operator))].sort()).toEqual([...shapedOperators].sort());
  });
});

describe('broadcasting', () => {
  test.each<[Dimension[], Dimension[], Dimension[]]>([
    [['n'], [1], ['n']],
    [[1], ['n'], ['n']],
    [['n'], ['n'], ['n']],
    [['n'], [3], [3]],
    [['n'], ['m'], ['']],
    [[''], ['n'], ['']],
    [[], ['n', 2], ['n', 2]],
  ])('%j and %j give %j', (a, b, together) => {
    expect(broadcastDims(a, b)).toEqual(together);
  });
});

describe('shapes that cannot be known', () => {
  const build = (make: (graph: GraphBuilder, free: string, shape: string) => unknown) => () => {
    const graph = new GraphBuilder();
    return make(graph, graph.input('x', dataType.float32, ['batch', 4]), graph.input('shape', dataType.int64, [2]));
  };

  test('an operator without a rule is refused by name', () => {
    const attempt = build((graph, free) => graph.op('Det', [free]));
    expect(attempt).toThrow(expect.objectContaining({ code: 'unsupported-operator', message: expect.stringContaining('Det') as string }));
  });

  test('a reshape to a computed shape is refused', () => {
    expect(build((graph, free, shape) => graph.op('Reshape', [free, shape]))).toThrow(expect.objectContaining({ code: 'unsupported-operator' }));
  });

  test('an operator that lacks an input is refused', () => {
    expect(build((graph, free) => graph.op('MatMul', [free]))).toThrow(expect.objectContaining({ code: 'model-invalid' }));
  });

  test('GatherND by indices of free depth is refused', () => {
    const attempt = build((graph, free) => graph.op('GatherND', [free, graph.input('at', dataType.int64, [3, 'depth'])]));
    expect(attempt).toThrow(expect.objectContaining({ code: 'model-invalid' }));
  });
});
