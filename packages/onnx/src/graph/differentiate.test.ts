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

  test('a value that is used many times sums its gradients by one node', async () => {
    const { graph, x, y } = setUp();
    const loss = total(graph, graph.add(graph.add(graph.mul(x, y), graph.neg(x)), graph.add(graph.op('Exp', [x]), x)));
    const forward = graph.nodes.length;
    const gradient = differentiate(graph, loss, ['x']).get('x') ?? '';
    const sums = graph.nodes.slice(forward).filter(({ operator }) => operator === 'Sum');
    expect(sums.map(({ inputs }) => inputs.length)).toEqual([4]);
    const results = await runGraph(graph, [gradient], { x: vector(1, 2), y: vector(3, 4) });
    expect(numbersOf(results[gradient])).toEqual([3 + Math.E, 4 + Math.E ** 2].map((value) => expect.closeTo(value, 5) as number));
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
    const rest = graph.op('Mod', [x, graph.float(3)], { fmod: 1 });
    const attempt = (): unknown => differentiate(graph, total(graph, rest), ['x']);
    expect(attempt).toThrow(expect.objectContaining({ code: 'unsupported-operator', message: `No gradient rule for operator Mod (node ${rest}).` }));
  });

  test('the refusal names the graph and the node as they were called', () => {
    const graph = new GraphBuilder('the encoder');
    const [y = ''] = graph.node('constructor', [graph.input('x', dataType.float32, [])], { name: '/layer.0/mixer', declared: [{ dims: [], type: dataType.float32 }] });
    const attempt = (): unknown => differentiate(graph, y, ['x']);
    expect(attempt).toThrow(expect.objectContaining({ message: 'No gradient rule for operator constructor (node /layer.0/mixer of the encoder).' }));
  });

  test('an operator without a rule does not matter off the way to the parameters', async () => {
    const gradients = await gradientsOf(({ graph, x }) => total(graph, graph.mul(x, graph.op('Mod', [graph.float(11), graph.float(3)], { fmod: 1 }))));
    expect(gradients).toEqual({ x: [2, 2] });
  });

  test('a loss that is not a scalar is refused', () => {
    const { graph, x } = setUp();
    expect(() => differentiate(graph, graph.mul(x, x), ['x'])).toThrow(expect.objectContaining({ code: 'model-invalid' }));
  });
});
