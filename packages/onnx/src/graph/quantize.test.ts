import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSession } from '../session/session.js';
import { float32, int64, type Tensor } from '../session/tensor.js';
import { GraphBuilder } from './builder.js';
import { dataType, type ModelProto } from './model.js';
import { readModel } from './read-model.js';
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

/** How a graph may write x [2, width] times a weight of [width, rows] or, turned, [rows, width]. */
const forms: readonly [string, readonly [number, number], (graph: GraphBuilder, x: string, weight: string, bias: string) => string][] = [
  ['Gemm', [width, rows], (graph, x, weight) => graph.op('Gemm', [x, weight])],
  ['Gemm with a bias', [width, rows], (graph, x, weight, bias) => graph.op('Gemm', [x, weight, bias])],
  ['Gemm with a turned weight and a bias', [rows, width], (graph, x, weight, bias) => graph.op('Gemm', [x, weight, bias], { transB: 1 })],
  ['MatMul through a Transpose', [rows, width], (graph, x, weight) => graph.op('MatMul', [x, graph.transpose(weight, [1, 0])])],
  ['MatMul through a Transpose by default', [rows, width], (graph, x, weight) => graph.op('MatMul', [x, graph.op('Transpose', [weight])])],
  ['Gemm that turns a Transpose back', [width, rows], (graph, x, weight) => graph.op('Gemm', [x, graph.transpose(weight, [1, 0])], { transB: 1 })],
];

describe('forms of a product', () => {
  const modelOf = (dims: readonly [number, number], build: (typeof forms)[number][2]): ModelProto => {
    const graph = new GraphBuilder();
    const x = graph.input('x', dataType.float32, [2, width]);
    const weight = graph.initializer('w', dims, spreadNumbers(width * rows, -1, 3));
    return graph.model([build(graph, x, weight, graph.initializer('b', [rows], spreadNumbers(rows, -5, 5)))]);
  };

  test.each(forms)('%s is within 2 % of that in float32', async (_, dims, build) => {
    const error = await errorOf(modelOf(dims, build), { x: float32(spreadNumbers(2 * width, -2, 1, 3), [2, width]) });
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(0.02);
  });

  test.each(forms)('%s has int8 weights in place of floats, and turns nothing when it runs', (_, dims, build) => {
    const model = modelOf(dims, build);
    expect(namesOf(quantizeModel(model))).not.toContain('w');
    expect(operatorsOf(quantizeModel(model))).not.toContain('Transpose');
    expect(sizeOf(quantizeModel(model))).toBeLessThan(sizeOf(model) / 2);
  });
});

describe('a table that is also the output matrix', () => {
  /** A small language model: tied embedding, one feed-forward layer; weights of uneven size, as training leaves them. */
  function languageModel(isTied: boolean): ModelProto {
    const [graph, vocabulary] = [new GraphBuilder(), 200];
    const weight = (name: string, dims: readonly [number, number], seed: number): string => {
      const uneven = spreadNumbers(dims[0] * dims[1], -1, 1, seed).map((value, index) => value ** 3 * (1 + (Math.floor(index / dims[1]) % 7)) * 0.2);
      return graph.initializer(name, dims, uneven);
    };
    const norm = (x: string): string => graph.op('LayerNormalization', [x, graph.initializer(`${x}_scale`, [width], new Float32Array(width).fill(1))]);
    const table = weight('table', [vocabulary, width], 1);
    const x = graph.op('Gather', [table, graph.input('ids', dataType.int64, ['tokens'])]);
    const inner = graph.op('Gelu', [graph.op('Gemm', [norm(x), weight('up', [2 * width, width], 2)], { transB: 1 })]);
    const hidden = norm(graph.add(x, graph.op('MatMul', [inner, weight('down', [2 * width, width], 3)])));
    return graph.model([graph.op('MatMul', [hidden, graph.transpose(isTied ? table : weight('head', [vocabulary, width], 1), [1, 0])])]);
  }
  const tokens = { ids: int64([0, 5, 17, 199, 42, 42, 80, 7], [8]) };

  test('logits are within 3 % of those in float32, and the best token is mostly the same', async () => {
    const [[exact = []], [small = []]] = [await run(languageModel(true), tokens), await run(quantizeModel(languageModel(true)), tokens)];
    expect(relativeError(small, exact)).toBeLessThan(0.03);
    const bestOf = (logits: readonly number[]): number[] =>
      Array.from({ length: 8 }, (_, row) => logits.slice(200 * row, 200 * row + 200)).map((line) => line.indexOf(Math.max(...line)));
    const same = bestOf(small).filter((token, row) => token === bestOf(exact)[row]);
    expect(same.length).toBeGreaterThanOrEqual(7);
  });

  test('it is stored once', () => {
    const quantized = quantizeModel(languageModel(true));
    expect(namesOf(quantized).filter((name) => name.startsWith('table'))).toEqual(['table_tied_int8', 'table_tied_scale']);
    expect(sizeOf(quantized)).toBeLessThan(sizeOf(quantizeModel(languageModel(false))) * 0.75);
    expect(sizeOf(quantized)).toBeLessThan(sizeOf(languageModel(true)) / 2.8);
  });

  test('the runtime turns it when it loads, not when it runs', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'quantize-')), 'optimized.onnx');
    const session = await createSession(writeModel(quantizeModel(languageModel(true))), { saveOptimizedTo: path });
    await session.dispose();
    expect(operatorsOf(readModel(readFileSync(path)))).not.toContain('Transpose');
    rmSync(dirname(path), { recursive: true });
  });

  test('one of few columns is stored once too', async () => {
    const graph = new GraphBuilder();
    const table = graph.initializer('table', [rows, 8], spreadNumbers(rows * 8, -1, 3));
    const model = graph.model([graph.op('Gemm', [graph.op('Gather', [table, graph.input('at', dataType.int64, [3])]), table], { transB: 1 })]);
    const error = relativeError((await run(quantizeModel(model, { minValues: 1 }), { at: int64([0, 3, -1], [3]) }))[0] ?? [], (await run(model, { at: int64([0, 3, -1], [3]) }))[0] ?? []);
    expect(error).toBeLessThan(0.02);
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
    const model = graph.model([graph.fusedMatMul(looked, tied, { transB: 1 })]);
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
    ['a product with a turned left side', (graph, x, weight) => graph.op('Gemm', [graph.transpose(x, [1, 0]), weight], { transA: 1, transB: 1 })],
    ['a product with a factor', (graph, x, weight) => graph.op('Gemm', [x, weight], { transB: 1, alpha: { float: 2 } })],
    ['a sum with a factor', (graph, x, weight) => graph.op('Gemm', [x, weight, graph.float(1)], { transB: 1, beta: { float: 2 } })],
  ])('%s stays in floats', (_, build) => {
    const graph = new GraphBuilder();
    const output = build(graph, graph.input('x', dataType.float32, [2, width]), graph.initializer('w', [rows, width], new Float32Array(rows * width)));
    const model = graph.model([output]);
    expect(operatorsOf(quantizeModel(model))).toEqual(operatorsOf(model));
  });
});
