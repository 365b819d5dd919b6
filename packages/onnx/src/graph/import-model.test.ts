import { describe, expect, test } from 'vitest';
import { GraphBuilder } from './builder.js';
import { importModel } from './import-model.js';
import { dataType, type ModelProto } from './model.js';
import { runGraph, numbersOf, spreadNumbers } from './test-support.js';
import { float32 } from '../session/tensor.js';

function linear(change: (model: ModelProto) => ModelProto = (model) => model): ModelProto {
  const graph = new GraphBuilder('small');
  const x = graph.input('x', dataType.float32, ['batch', 4]);
  const y = graph.op('MatMul', [x, graph.initializer('w', [4, 2], spreadNumbers(8))]);
  return change(graph.model([graph.op('Tanh', [y])]));
}

const withOperator = (operator: string): ModelProto =>
  linear((model) => ({ ...model, graph: { ...model.graph, nodes: model.graph.nodes.map((node) => (node.operator === 'Tanh' ? { ...node, operator, name: 'the_node' } : node)) } }));

describe('an imported model', () => {
  test('computes what it did, with its weights as inputs', async () => {
    const imported = importModel(linear());
    const graph = new GraphBuilder();
    const [y = ''] = Object.values(await imported.append(graph, (name, dims) => graph.input(name, dataType.float32, dims), { x: graph.input('x', dataType.float32, [3, 4]) }));
    const x = float32(spreadNumbers(12), [3, 4]);
    const { data = new Float32Array(0), dims = [] } = imported.weights.get('w') ?? {};
    const own = await runGraph(graph, [y], { x, w: float32(data, dims) });
    const expected = Array.from({ length: 6 }, (_, at) => Math.tanh([0, 1, 2, 3].reduce((sum, k) => sum + Number(x.data[Math.floor(at / 2) * 4 + k]) * (data[k * 2 + (at % 2)] ?? 0), 0)));
    expect(numbersOf(own[y])).toEqual(expected.map((value) => expect.closeTo(value, 5) as number));
  });

  test('needs its inputs', async () => {
    const attempt = importModel(linear()).append(new GraphBuilder(), (name) => name, {});
    await expect(attempt).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining('input x') as string });
  });

  test('with an operator that has no rule says which operator, node and graph it is', async () => {
    const graph = new GraphBuilder();
    const attempt = importModel(withOperator('Acosh')).append(graph, (name, dims) => graph.input(name, dataType.float32, dims), { x: graph.input('x', dataType.float32, [3, 4]) });
    await expect(attempt).rejects.toMatchObject({
      code: 'unsupported-operator',
      message: expect.stringMatching(/(?=.*Acosh)(?=.*the_node)(?=.*small)/) as string,
    });
  });

  test('of an old operator set is refused', () => {
    expect(() => importModel(linear((model) => ({ ...model, opsets: { '': 11 } })))).toThrow(expect.objectContaining({ code: 'model-invalid', message: expect.stringContaining('11') as string }));
  });

  test('leaves masks and rotary frequencies out of its weights', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', dataType.float32, ['batch', 4]);
    const frequencies = graph.initializer('inv_freq', [4], spreadNumbers(4));
    const mask = graph.initializer('mask', [4], Float32Array.of(0, -3e38, 0, 0));
    const y = graph.mul(graph.add(graph.mul(x, graph.op('Cos', [frequencies])), mask), graph.initializer('w', [4], spreadNumbers(4)));
    expect([...importModel(graph.model([y])).weights.keys()]).toEqual(['w']);
  });
});
