import { describe, expect, test } from 'vitest';
import type { Tensor } from '../session/tensor.js';
import { GraphBuilder } from './builder.js';
import { differentiate } from './differentiate.js';
import { dataType } from './model.js';
import { numbersOf, runGraph } from './test-support.js';

const vector = (...values: number[]): Tensor => ({ type: 'float32', data: Float32Array.from(values), dims: [values.length] });

interface Setting {
  readonly graph: GraphBuilder;
  readonly x: string;
  readonly y: string;
}

function setUp(): Setting {
  const graph = new GraphBuilder();
  return { graph, x: graph.input('x', dataType.float32, [2]), y: graph.input('y', dataType.float32, [2]) };
}

const total = (graph: GraphBuilder, name: string): string => graph.sum(name, [0], 0);

/** Gradients at x = (1, 2), y = (3, 4). */
async function gradientsOf(build: (setting: Setting) => string): Promise<Record<string, number[]>> {
  const setting = setUp();
  const found = differentiate(setting.graph, build(setting), ['x', 'y']);
  expect(new Set(found.values()).size).toBe(found.size);
  const results = await runGraph(setting.graph, [...found.values()], { x: vector(1, 2), y: vector(3, 4) });
  return Object.fromEntries([...found].map(([name, output]) => [name, numbersOf(results[output])]));
}

describe('gradients', () => {
  test('a value that is used twice sums its gradients', async () => {
    const gradients = await gradientsOf(({ graph, x, y }) => total(graph, graph.add(graph.mul(x, y), graph.mul(x, x))));
    expect(gradients).toEqual({ x: [5, 8], y: [1, 2] });
  });

  test('a value that is used twice by one node sums its gradients', async () => {
    const gradients = await gradientsOf(({ graph, x, y }) => total(graph, graph.add(graph.mul(x, x), y)));
    expect(gradients).toEqual({ x: [2, 4], y: [1, 1] });
  });

  test('two parameters with equal gradients each have one', async () => {
    const gradients = await gradientsOf(({ graph, x, y }) => total(graph, graph.add(x, y)));
    expect(gradients).toEqual({ x: [1, 1], y: [1, 1] });
  });

  test('a parameter that the loss does not depend on has none', async () => {
    const gradients = await gradientsOf(({ graph, x, y }) => {
      graph.mul(x, y);
      return total(graph, graph.mul(x, x));
    });
    expect(gradients).toEqual({ x: [2, 4] });
  });

  test('nothing flows through a comparison', async () => {
    const gradients = await gradientsOf(({ graph, x, y }) => {
      const isLarger = graph.cast(graph.op('Greater', [y, graph.float(3.5)]), dataType.float32);
      return total(graph, graph.mul(x, isLarger));
    });
    expect(gradients).toEqual({ x: [0, 1] });
  });

  test('an unused part of a split counts as zero', async () => {
    const gradients = await gradientsOf(({ graph, x, y }) => {
      const [, second = ''] = graph.node('Split', [graph.mul(x, y), graph.int([1, 1])], { attributes: { axis: 0 }, outputs: 2 });
      return total(graph, second);
    });
    expect(gradients).toEqual({ x: [0, 4], y: [0, 2] });
  });

  test('the gradient of the loss by itself is one', async () => {
    const graph = new GraphBuilder();
    const loss = graph.input('loss', dataType.float32, []);
    const gradient = differentiate(graph, loss, [loss]).get(loss) ?? '';
    const results = await runGraph(graph, [gradient], { loss: { type: 'float32', data: Float32Array.of(7), dims: [] } });
    expect(Object.values(results).map(numbersOf)).toEqual([[1]]);
  });
});

describe('what cannot be differentiated', () => {
  test('an operator without a rule is refused by operator and node', () => {
    const { graph, x } = setUp();
    const power = graph.op('Pow', [x, graph.float(3)]);
    const attempt = (): unknown => differentiate(graph, total(graph, power), ['x']);
    expect(attempt).toThrow(expect.objectContaining({ code: 'unsupported-operator', message: expect.stringContaining(`Pow (node ${power})`) as string }));
  });

  test('an operator without a rule does not matter off the way to the parameters', async () => {
    const gradients = await gradientsOf(({ graph, x }) => total(graph, graph.mul(x, graph.op('Pow', [graph.float(2), graph.float(3)]))));
    expect(gradients).toEqual({ x: [8, 8] });
  });

  test('a loss that is not a scalar is refused', () => {
    const { graph, x } = setUp();
    expect(() => differentiate(graph, graph.mul(x, x), ['x'])).toThrow(expect.objectContaining({ code: 'model-invalid' }));
  });

  test.each<[string, (graph: GraphBuilder, matrix: string) => string]>([
    ['Slice with steps', (graph, x) => graph.op('Slice', [x, graph.int([0]), graph.int([4]), graph.int([1]), graph.int([2])])],
    ['Gather on an axis other than 0', (graph, x) => graph.op('Gather', [x, graph.int([0])], { axis: 1 })],
    ['GatherND with batch dimensions', (graph, x) => graph.op('GatherND', [x, graph.reshape(graph.int([0, 1, 0, 1]), [4, 1])], { batch_dims: 1 })],
    ['Max of other than two inputs', (graph, x) => graph.op('Max', [x, graph.float(0), graph.float(1)])],
    ['Gelu in its approximate form', (graph, x) => graph.op('Gelu', [x], { approximate: 'tanh' })],
    ['MatMul of vectors', (graph, x) => graph.op('MatMul', [x, graph.reshape(graph.slice(x, 0, 0, 1), [4])])],
    ['LayerNormalization by an output after its first', (graph, x) => graph.node('LayerNormalization', [x, graph.zeros([4])], { outputs: 2 })[1] ?? ''],
  ])('%s is refused', (form, build) => {
    const graph = new GraphBuilder();
    const y = build(graph, graph.input('x', dataType.float32, [4, 4]));
    const loss = graph.sum(y, graph.shape(y).map((_, axis) => axis), 0);
    expect(() => differentiate(graph, loss, ['x'])).toThrow(expect.objectContaining({ code: 'unsupported-operator', message: expect.stringContaining(form) as string }));
  });
});
