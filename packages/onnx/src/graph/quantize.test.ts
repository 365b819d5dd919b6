import { describe, expect, test } from 'vitest';
import { createSession } from '../session/session.js';
import { float32, int64, type Tensor } from '../session/tensor.js';
import { GraphBuilder } from './builder.js';
import { dataType, type ModelProto } from './model.js';
import { quantizeModel, type QuantizeOptions } from './quantize.js';
import { numbersOf, relativeError, spreadNumbers } from './test-support.js';
import { writeModel } from './write-model.js';

const width = 64;
const rows = 40;

const namesOf = ({ graph }: ModelProto): string[] => graph.initializers.map(({ name }) => name);
const operatorsOf = ({ graph }: ModelProto): string[] => graph.nodes.map(({ operator }) => operator);
const sizeOf = (model: ModelProto): number => writeModel(model).length;

async function run(model: ModelProto, inputs: Readonly<Record<string, Tensor>>): Promise<number[][]> {
  await using session = await createSession(writeModel(model));
  const results = await session.run(inputs);
  return session.outputNames.map((name) => numbersOf(results[name]));
}

/** Relative error of the quantised model's first output. */
async function errorOf(model: ModelProto, inputs: Readonly<Record<string, Tensor>>, options?: QuantizeOptions): Promise<number> {
  const [[exact = []], [small = []]] = [await run(model, inputs), await run(quantizeModel(model, options), inputs)];
  return relativeError(small, exact);
}

function product(dims: readonly (number | string)[] = [2, width]): ModelProto {
  const graph = new GraphBuilder();
  const x = graph.input('x', dataType.float32, dims);
  return graph.model([graph.op('MatMul', [x, graph.initializer('w', [width, rows], spreadNumbers(width * rows, -1, 3))])]);
}

function lookUp(): ModelProto {
  const graph = new GraphBuilder();
  const table = graph.initializer('table', [rows, width], spreadNumbers(rows * width, -1, 3));
  const [first, second] = [graph.input('first', dataType.int64, ['n']), graph.input('second', dataType.int64, ['n'])];
  return graph.model([graph.op('Gather', [table, first]), graph.op('Gather', [table, second])]);
}

const someRows = { first: int64([0, 7, -1], [3]), second: int64([7, 7, 3], [3]) };

describe('accuracy', () => {
  test('a product is within 2 % of that in float32', async () => {
    const error = await errorOf(product(), { x: float32(spreadNumbers(2 * width, -2, 1, 3), [2, width]) });
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(0.02);
  });

  test('a product of a batch of matrices is within 2 % of that in float32', async () => {
    const inputs = { x: float32(spreadNumbers(6 * width, -2, 1, 3), [2, 3, width]) };
    expect(await errorOf(product(['batch', 3, width]), inputs)).toBeLessThan(0.02);
  });

  test('a column of tiny weights keeps its own scale', async () => {
    const graph = new GraphBuilder();
    const weights = spreadNumbers(width * 2).map((value, index) => (index % 2 === 0 ? value : value * 1e-4));
    const columns = graph.op('MatMul', [graph.input('x', dataType.float32, [1, width]), graph.initializer('w', [width, 2], weights)]);
    const model = graph.model([graph.slice(columns, 1, 1, 2)]);
    expect(await errorOf(model, { x: float32(spreadNumbers(width, 0, 1, 3), [1, width]) }, { minValues: 1 })).toBeLessThan(0.05);
  });

  test('a table row is within 1 % of that in float32', async () => {
    const error = await errorOf(lookUp(), someRows);
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(0.01);
  });

  test('a row of zeros stays a row of zeros', async () => {
    const graph = new GraphBuilder();
    const table = graph.initializer('table', [2, width], new Float32Array(2 * width));
    const model = graph.model([graph.op('Gather', [table, graph.input('at', dataType.int64, [1])])]);
    expect(await run(quantizeModel(model, { minValues: 1 }), { at: int64([1], [1]) })).toEqual([Array<number>(width).fill(0)]);
  });

  test('a row alone gives the same product, padded with zeros or not', async () => {
    const quantized = quantizeModel(product(['n', width]));
    const row = spreadNumbers(width, -2, 1, 3);
    const padded = new Float32Array(3 * width);
    padded.set(row);
    const [alone = []] = await run(quantized, { x: float32(row, [1, width]) });
    const [together = []] = await run(quantized, { x: float32(padded, [3, width]) });
    expect(together.slice(0, rows)).toEqual(alone);
  });
});

describe('what is quantised', () => {
  test('int8 weights take the place of floats', () => {
    const model = product();
    expect(namesOf(quantizeModel(model))).not.toContain('w');
    expect(sizeOf(quantizeModel(model))).toBeLessThan(sizeOf(model) / 2.5);
  });

  test('weights with fewer values than the option says stay as they are', () => {
    const model = product();
    expect(quantizeModel(model, { minValues: width * rows + 1 })).toEqual(model);
    expect(quantizeModel(model, { minValues: width * rows })).not.toEqual(model);
  });

  test('a table that two lookups share is quantised once', () => {
    const quantized = quantizeModel(lookUp());
    expect(quantized.graph.initializers.map(({ type }) => type).sort()).toEqual([dataType.float32, dataType.int8]);
  });

  test('both lookups of a shared table still give their rows', async () => {
    const [exact, small] = [await run(lookUp(), someRows), await run(quantizeModel(lookUp()), someRows)];
    expect(relativeError(small[1] ?? [], exact[1] ?? [])).toBeLessThan(0.01);
  });

  test('a table that is also a matrix is quantised in both roles', async () => {
    const graph = new GraphBuilder();
    const tied = graph.initializer('tied', [rows, width], spreadNumbers(rows * width, -1, 3));
    const looked = graph.op('Gather', [tied, graph.input('at', dataType.int64, [2])]);
    const multiplied = graph.op('MatMul', [graph.input('x', dataType.float32, [1, rows]), tied]);
    const model = graph.model([graph.op('Concat', [looked, multiplied], { axis: 0 })]);
    expect(namesOf(quantizeModel(model))).not.toContain('tied');
    expect(await errorOf(model, { at: int64([3, 5], [2]), x: float32(spreadNumbers(rows), [1, rows]) })).toBeLessThan(0.02);
  });

  test('a weight that something else reads too is kept as floats', async () => {
    const graph = new GraphBuilder();
    const tied = graph.initializer('tied', [rows, width], spreadNumbers(rows * width));
    const looked = graph.op('Gather', [tied, graph.input('at', dataType.int64, [2])]);
    const model = graph.model([graph.op('Gemm', [looked, tied], { transB: 1 })]);
    expect(namesOf(quantizeModel(model))).toContain('tied');
    expect(await errorOf(model, { at: int64([3, 5], [2]) })).toBeLessThan(0.02);
  });

  test('a weight that the graph returns is kept as floats', async () => {
    const model = product();
    const returning = { ...model, graph: { ...model.graph, outputs: [...model.graph.outputs, { name: 'w', type: dataType.float32, dims: [width, rows] }] } };
    expect(namesOf(quantizeModel(returning))).toContain('w');
  });

  test('a weight that only a nested graph reads is kept', () => {
    const branch = { name: 'branch', nodes: [{ operator: 'Identity', domain: '', name: 'i', inputs: ['w'], outputs: ['o'], attributes: {} }], initializers: [], inputs: [], outputs: [] };
    const { graph, ...rest } = product();
    const choice = { operator: 'If', domain: '', name: 'if', inputs: ['x'], outputs: ['z'], attributes: { then_branch: { kind: 'graph', value: branch } } } as const;
    expect(namesOf(quantizeModel({ ...rest, graph: { ...graph, nodes: [choice] } }))).toContain('w');
  });

  test('floats that nothing reads are dropped', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', dataType.float32, [2]);
    graph.initializer('unused', [3], new Float32Array(3));
    expect(namesOf(quantizeModel(graph.model([graph.add(x, x)])))).toEqual([]);
  });

  test('an input that only named a dropped weight goes with it', async () => {
    const model = product();
    const old = { ...model, graph: { ...model.graph, inputs: [...model.graph.inputs, { name: 'w', type: dataType.float32, dims: [width, rows] }] } };
    expect(quantizeModel(old).graph.inputs.map(({ name }) => name)).toEqual(['x']);
  });

  test.each<[string, (graph: GraphBuilder, x: string, weight: string) => string]>([
    ['a lookup along columns', (graph, _, weight) => graph.op('Gather', [weight, graph.int([0, 1])], { axis: 1 })],
    ['a product from the left', (graph, x, weight) => graph.op('MatMul', [weight, graph.transpose(x, [1, 0])])],
    ['a product of a contrib kernel', (graph, x, weight) => graph.fusedMatMul(x, weight, { transB: 1 })],
  ])('%s stays in floats', (_, build) => {
    const graph = new GraphBuilder();
    const output = build(graph, graph.input('x', dataType.float32, [2, width]), graph.initializer('w', [rows, width], new Float32Array(rows * width)));
    const model = graph.model([output]);
    expect(operatorsOf(quantizeModel(model))).toEqual(operatorsOf(model));
  });
});
