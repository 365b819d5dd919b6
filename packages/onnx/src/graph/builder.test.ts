import { describe, expect, test } from 'vitest';
import { GraphBuilder } from './builder.js';
import { dataType } from './model.js';
import { runGraph } from './test-support.js';

describe('constants', () => {
  test.each<[string, (graph: GraphBuilder) => string]>([
    ['float', (graph) => graph.float(0.5)],
    ['whole number', (graph) => graph.int(3)],
    ['vector', (graph) => graph.int([1, 2])],
  ])('the same %s is stored once', (_, declare) => {
    const graph = new GraphBuilder();
    const first = declare(graph);
    expect(declare(graph)).toBe(first);
    expect(graph.model([first]).graph.initializers).toHaveLength(1);
  });

  test('a scalar and a vector of one number are two constants', () => {
    const graph = new GraphBuilder();
    expect(graph.shape(graph.int([3]))).toEqual([1]);
    expect(graph.shape(graph.int(3))).toEqual([]);
  });

  test('zeros have the wanted shape', async () => {
    const graph = new GraphBuilder();
    const zeros = graph.zeros([2, 3]);
    const results = await runGraph(graph, [zeros], {});
    expect(results[zeros]).toMatchObject({ dims: [2, 3], data: new Float32Array(6) });
  });
});

describe('constants of a read model', () => {
  const tensor = { name: 'onnx::Pow_7', dims: [2], type: dataType.int64, bytes: new Uint8Array(BigInt64Array.of(3n, 4n).buffer) };

  test('shape inference knows their numbers', async () => {
    const graph = new GraphBuilder();
    const filled = graph.op('Expand', [graph.float(2), graph.constant(tensor)]);
    expect(graph.shape(filled)).toEqual([3, 4]);
    expect((await runGraph(graph, [filled], {}))[filled]?.dims).toEqual([3, 4]);
  });

  test('one whose values are not loaded is refused by name', () => {
    const { bytes: _, ...outside } = { ...tensor, external: { location: 'weights.bin' } };
    expect(() => new GraphBuilder().constant(outside)).toThrow(expect.objectContaining({ code: 'model-invalid', message: expect.stringContaining('onnx::Pow_7') as string }));
  });
});

describe('names', () => {
  test('a computed value never takes the name of an input', () => {
    const graph = new GraphBuilder();
    const inputs = ['add_0', 'add_1', 'constant_0'].map((name) => graph.input(name, dataType.float32, []));
    expect(inputs).not.toContain(graph.add('add_0', 'add_1'));
    expect(inputs).not.toContain(graph.float(1));
  });

  test('a node has the name it is given', () => {
    const graph = new GraphBuilder();
    graph.node('Neg', [graph.input('x', dataType.float32, [])], { name: '/layer.0/Neg' });
    expect(graph.nodes.map(({ name }) => name)).toEqual(['/layer.0/Neg']);
  });
});

describe('attributes', () => {
  test('those of a read node go as they are', () => {
    const graph = new GraphBuilder();
    const attributes = { alpha: { kind: 'float', value: 1 }, gamma: { kind: 'floats', value: [1, 2] } } as const;
    graph.node('Elu', [graph.input('x', dataType.float32, [])], { attributes });
    expect(graph.nodes[0]?.attributes).toEqual(attributes);
  });
});

describe('all outputs of a node', () => {
  test('those that were left out are added once', async () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', dataType.float32, [1, 2]);
    const y = graph.op('LayerNormalization', [x, graph.zeros([2])]);
    const node = graph.nodes.at(-1);
    if (!node) throw new TypeError('no node');
    const outputs = graph.allOutputs(node, 3);
    expect(outputs[0]).toBe(y);
    expect(graph.allOutputs(node, 3)).toEqual(outputs);
    const [, mean = '', inverse = ''] = outputs;
    const results = await runGraph(graph, [mean, inverse], { x: { type: 'float32', data: Float32Array.of(1, 3), dims: [1, 2] } });
    expect(results[mean]).toMatchObject({ dims: [1, 1], data: Float32Array.of(2) });
    expect(results[inverse]?.data[0]).toBeCloseTo(1);
    expect(graph.shape(inverse)).toEqual([1, 1]);
  });
});

describe('weights', () => {
  test.each([
    [dataType.float32, Float32Array.of(1, 2)],
    [dataType.int8, Int8Array.of(-1, 2)],
    [dataType.uint8, Uint8Array.of(255, 2)],
  ])('an array of type %d becomes a constant of that type', async (type, data) => {
    const graph = new GraphBuilder();
    const weight = graph.initializer('w', [2], data);
    const copy = graph.op('Identity', [weight]);
    expect(graph.info(weight).type).toBe(type);
    expect((await runGraph(graph, [copy], {}))[copy]?.data).toEqual(data);
  });
});

describe('element types', () => {
  test.each<[string, number, (graph: GraphBuilder, x: string) => string]>([
    ['a comparison', dataType.bool, (graph, x) => graph.op('Less', [x, x])],
    ['a cast', dataType.int64, (graph, x) => graph.cast(x, dataType.int64)],
    ['a choice', dataType.float32, (graph, x) => graph.op('Where', [graph.op('Equal', [x, x]), x, graph.float(0)])],
    ['a gathered row', dataType.float32, (graph, x) => graph.op('Gather', [x, graph.int(0)])],
  ])('%s has type %d', (_, type, build) => {
    const graph = new GraphBuilder();
    expect(graph.info(build(graph, graph.input('x', dataType.float32, [3]))).type).toBe(type);
  });
});

describe('the model', () => {
  test('outputs get the public names that were asked for', async () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', dataType.float32, [2]);
    const [double, square] = [graph.add(x, x), graph.mul(x, x)];
    const model = graph.model([double, square], { [double]: 'double' });
    expect(model.graph.outputs.map(({ name, dims }) => [name, dims])).toEqual([['double', [2]], [square, [2]]]);
  });

  test('no two nodes have one name, whatever names they were given', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', dataType.float32, [2]);
    const [first = ''] = graph.node('Neg', [x], { name: 'neg_1' });
    const names = graph.model([graph.neg(first)]).graph.nodes.map(({ name }) => name);
    expect(new Set(names).size).toBe(2);
  });

  test('a constant keeps its name beside the public one', async () => {
    const graph = new GraphBuilder();
    const one = graph.float(1);
    expect(graph.model([one], { [one]: 'one' }).graph.outputs).toMatchObject([{ name: 'one', dims: [] }]);
    expect(graph.model([one], { [one]: 'one' }).graph.initializers).toMatchObject([{ name: one }]);
  });

  test('a contrib operator brings its operator set', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', dataType.float32, [2, 2]);
    expect(graph.model([graph.add(x, x)]).opsets).toEqual({ '': 20 });
    expect(graph.model([graph.fusedMatMul(x, x, { alpha: 0.5 })]).opsets).toEqual({ '': 20, 'com.microsoft': 1 });
  });
});

describe('mistakes', () => {
  test('a value that does not exist is refused by name', () => {
    const attempt = (): unknown => new GraphBuilder().neg('nothing');
    expect(attempt).toThrow(expect.objectContaining({ code: 'model-invalid', message: expect.stringContaining('nothing') as string }));
  });

  test('a free dimension where a fixed one is needed is refused by name', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', dataType.float32, ['batch', 2]);
    expect(() => graph.shape(x)).toThrow(expect.objectContaining({ code: 'model-invalid', message: expect.stringContaining('x') as string }));
  });
});
