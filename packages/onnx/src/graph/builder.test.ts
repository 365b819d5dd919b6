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
