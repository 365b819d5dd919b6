import { describe, expect, test } from 'vitest';
import { createSession, type OnnxSession } from '../session/session.js';
import { float32, type Tensor } from '../session/tensor.js';
import { GraphBuilder } from './builder.js';
import { differentiate, gradientRules } from './differentiate.js';
import { dataType, elementCount } from './model.js';
import { numbersOf, spreadNumbers } from './test-support.js';
import { writeModel } from './write-model.js';

interface Check {
  readonly operator: string;
  readonly form: string;
  readonly dims: readonly (readonly number[])[];
  readonly build: (graph: GraphBuilder, ...inputs: string[]) => string;
  readonly range: readonly [number, number];
}

interface CheckOptions {
  readonly form?: string;
  readonly build?: Check['build'];
  /** Range of the inputs. */
  readonly range?: readonly [number, number];
}

const check = (operator: string, dims: Check['dims'], options: CheckOptions = {}): Check => ({
  operator,
  form: options.form ?? `of ${dims.map((size) => JSON.stringify(size)).join(' and ')}`,
  dims,
  build: options.build ?? ((graph, ...inputs) => graph.op(operator, inputs)),
  range: options.range ?? [-1, 1],
});

const scaled = (values: Readonly<Record<string, number>>) => ({ ...values, alpha: { float: 0.7 }, beta: { float: -1.3 } });
const gemm = (transA: number, transB: number): Check['build'] => (graph, ...inputs) => graph.op('Gemm', inputs, scaled({ transA, transB }));
const fused = (transA: number, transB: number): Check['build'] => (graph, a = '', b = '') => graph.fusedMatMul(a, b, { transA, transB, alpha: 0.7 });
const withAxis = (operator: string, axis: number): Check['build'] => (graph, ...inputs) => graph.op(operator, inputs, { axis });
const positive = { range: [1, 2] } as const;
const square = { form: 'of a value with itself', build: (graph: GraphBuilder, x: string) => graph.mul(x, x) };
const indices = (graph: GraphBuilder, values: readonly number[], dims: readonly number[]): string => graph.reshape(graph.int(values), dims);

const checks: readonly Check[] = [
  ...['Identity', 'Neg', 'Exp', 'Relu', 'Tanh', 'Sigmoid', 'Softplus', 'Erf', 'Gelu'].map((operator) => check(operator, [[3, 4]])),
  ...['Log', 'Sqrt', 'Reciprocal'].map((operator) => check(operator, [[3, 4]], positive)),
  check('Cast', [[4]], { build: (graph, x) => graph.cast(x, dataType.float32) }),
  ...['Add', 'Sub', 'Mul', 'Div'].flatMap((operator) =>
    [[[2, 3], [2, 3]], [[2, 3], [3]], [[2, 1, 3], [4, 1]], [[], [2, 2]]].map((dims) => check(operator, dims, positive))),
  check('Mul', [[3]], square),
  ...['Max', 'Min'].flatMap((operator) => [
    check(operator, [[2, 3]], { form: 'of a matrix and a number', build: (graph, x) => graph.op(operator, [graph.float(0.1), x]) }),
    // Moved apart, as there is no derivative where both sides are equal.
    check(operator, [[3, 4], [3, 1]], { build: (graph, a, b = '') => graph.op(operator, [a, graph.add(b, graph.float(0.08))]) }),
  ]),
  check('Where', [[2, 3], [3]], { build: (graph, a, b) => graph.op('Where', [graph.op('Equal', [indices(graph, [1, 0], [2, 1]), graph.int([1, 1, 0])]), a, b]) }),
  check('MatMul', [[2, 3], [3, 4]]),
  check('MatMul', [[3], [3, 2]]),
  check('MatMul', [[2, 3, 2], [2, 4]]),
  check('MatMul', [[2, 2, 3], [2, 3, 2]]),
  check('MatMul', [[2, 1, 2, 3], [2, 3, 2]]),
  check('MatMul', [[2, 3], [2, 3, 2]]),
  check('FusedMatMul', [[2, 3], [3, 2]], { build: fused(0, 0) }),
  check('FusedMatMul', [[2, 3, 2], [2, 3, 4]], { form: 'with a turned left side', build: fused(1, 0) }),
  check('FusedMatMul', [[2, 2, 3], [4, 3]], { form: 'with a turned right side', build: fused(0, 1) }),
  check('FusedMatMul', [[1, 3, 2], [2, 4, 3]], { form: 'with both sides turned', build: fused(1, 1) }),
  check('Gemm', [[2, 3], [3, 2], [2]], { form: 'with a row to add', build: gemm(0, 0) }),
  check('Gemm', [[3, 2], [3, 2], [2, 1]], { form: 'with a turned left side', build: gemm(1, 0) }),
  check('Gemm', [[2, 3], [4, 3], []], { form: 'with a turned right side', build: gemm(0, 1) }),
  check('Gemm', [[3, 2], [4, 3]], { form: 'with both sides turned', build: gemm(1, 1) }),
  check('LayerNormalization', [[2, 3, 4], [4], [4]], { form: 'over one axis' }),
  check('LayerNormalization', [[2, 2, 3], [2, 3]], { form: 'over two axes', build: (graph, ...inputs) => graph.op('LayerNormalization', inputs, { axis: 1, epsilon: { float: 0.1 } }) }),
  ...['Softmax', 'LogSoftmax'].flatMap((operator) => [check(operator, [[2, 4]]), check(operator, [[2, 3, 2]], { form: 'over an inner axis', build: withAxis(operator, 1) })]),
  ...['ReduceSum', 'ReduceMean'].flatMap((operator) => [
    check(operator, [[2, 3]], { form: 'of everything' }),
    check(operator, [[2, 3, 2]], { form: 'that keeps its axes', build: (graph, x) => graph.op(operator, [x, graph.int([-1, 0])]) }),
    check(operator, [[2, 3, 2]], { form: 'that drops its axes', build: (graph, x) => graph.op(operator, [x, graph.int([1])], { keepdims: 0 }) }),
    check(operator, [[2, 3]], { form: 'over no named axis', build: (graph, x) => graph.op(operator, [x, graph.int([])], { keepdims: 0 }) }),
  ]),
  check('Reshape', [[2, 6]], { build: (graph, x) => graph.reshape(x, [3, -1]) }),
  check('Unsqueeze', [[2, 3]], { build: (graph, x) => graph.unsqueeze(x, [0, -1]) }),
  check('Transpose', [[2, 3, 2]], { form: 'by an order', build: (graph, x) => graph.transpose(x, [2, 0, 1]) }),
  check('Transpose', [[2, 3]], { form: 'by default' }),
  check('Expand', [[3, 1]], { build: (graph, x) => graph.op('Expand', [x, graph.int([2, 1, 2])]) }),
  check('Concat', [[2, 1], [2, 3]], { build: withAxis('Concat', -1) }),
  check('Split', [[2, 5]], {
    build: (graph, x) => {
      const [left = '', right = ''] = graph.node('Split', [x, graph.int([2, 3])], { attributes: { axis: -1 }, outputs: 2 });
      return graph.op('Concat', [graph.mul(right, right), left], { axis: 1 });
    },
  }),
  check('Slice', [[4, 3]], { form: 'from the end', build: (graph, x) => graph.slice(x, 0, -3, -1) }),
  check('Slice', [[4, 3]], { form: 'beyond the end', build: (graph, x) => graph.slice(x, -1, 1, 2 ** 31) }),
  check('Slice', [[4, 3]], { form: 'without axes', build: (graph, x) => graph.op('Slice', [x, graph.int([1, 0]), graph.int([3, 2])]) }),
  check('Gather', [[4, 2]], { form: 'of a row twice', build: (graph, x) => graph.op('Gather', [x, indices(graph, [3, 0, 3, -1], [2, 2])]) }),
  check('Gather', [[4]], { form: 'of a number', build: (graph, x) => graph.op('Gather', [x, graph.int(2)]) }),
  check('GatherElements', [[3, 2]], { form: 'along rows', build: (graph, x) => graph.op('GatherElements', [x, indices(graph, [0, 0, 2, -1], [2, 2])]) }),
  check('GatherElements', [[3, 4]], { form: 'along columns', build: (graph, x) => graph.op('GatherElements', [x, indices(graph, [1, 1, 0], [3, 1])], { axis: -1 }) }),
  check('GatherND', [[2, 3, 2]], { form: 'of a place twice', build: (graph, x) => graph.op('GatherND', [x, indices(graph, [1, 2, 0, 0, 1, 2], [3, 2])]) }),
];

// A step that halves exactly; the error of a central difference is of the order of its square.
const step = 1 / 64;
const tolerance = 3e-3;

/** Gradients by the graph, and by differences of sum(cotangent * y), summed in double precision. */
async function compare({ dims, build, range }: Check): Promise<{ analytic: number[]; numeric: number[] }> {
  const graph = new GraphBuilder();
  const names = dims.map((size, index) => graph.input(`x${index}`, dataType.float32, size));
  const y = build(graph, ...names);
  const cotangent = spreadNumbers(elementCount(graph.shape(y)), -1, 1, 7);
  const weighted = graph.mul(y, graph.initializer('cotangent', graph.shape(y), cotangent));
  const gradients = differentiate(graph, graph.sum(weighted, graph.shape(y).map((_, axis) => axis), 0), names);
  const inputs = Object.fromEntries(names.map((name, index): [string, Tensor] => {
    const size = dims[index] ?? [];
    return [name, float32(spreadNumbers(elementCount(size), ...range, index), size)];
  }));
  await using session = await createSession(writeModel(graph.model([y, ...gradients.values()])));
  const results = await session.run(inputs, [...gradients.values()]);
  const analytic = names.flatMap((name) => numbersOf(results[gradients.get(name) ?? '']));
  return { analytic, numeric: await differences(session, inputs, y, cotangent) };
}

async function differences(session: OnnxSession, inputs: Readonly<Record<string, Tensor>>, y: string, cotangent: Float32Array): Promise<number[]> {
  const lossOf = async (): Promise<number> => {
    const values = numbersOf((await session.run(inputs, [y]))[y]);
    return values.reduce((sum, value, index) => sum + value * (cotangent[index] ?? Number.NaN), 0);
  };
  const numeric: number[] = [];
  for (const { data } of Object.values(inputs)) {
    for (let index = 0; index < data.length; index++) {
      const middle = Number(data[index]);
      data[index] = middle + step;
      const above = await lossOf();
      data[index] = middle - step;
      numeric.push((above - (await lossOf())) / (2 * step));
      data[index] = middle;
    }
  }
  return numeric;
}

describe('gradients agree with differences', () => {
  test.each(checks)('$operator $form', async (given) => {
    const { analytic, numeric } = await compare(given);
    expect(analytic).toEqual(numeric.map((value) => expect.closeTo(value, -Math.log10(2 * tolerance)) as number));
    // Differences of a flat function would agree with any broken rule that gives zeros.
    expect(Math.max(...numeric.map(Math.abs))).toBeGreaterThan(0.05);
  });

  test('every operator with a rule is checked', () => {
    const operators = Object.keys(gradientRules);
    expect(operators.length).toBeGreaterThan(0);
    expect([...new Set(checks.map(({ operator }) => operator))].sort()).toEqual(operators.sort());
  });

  test.each(checks)('the check of $operator $form runs the operator', ({ operator, dims, build }) => {
    const graph = new GraphBuilder();
    build(graph, ...dims.map((size, index) => graph.input(`x${index}`, dataType.float32, size)));
    expect(graph.nodes.map((node) => node.operator)).toContain(operator);
  });
});
