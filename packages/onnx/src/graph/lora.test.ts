import { createRandom } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { createSession } from '../session/session.js';
import { float32 } from '../session/tensor.js';
import { GraphBuilder } from './builder.js';
import { floatsOf } from './float-data.js';
import { addLora, type LoraModel } from './lora.js';
import { dataType, type ModelProto } from './model.js';
import { numbersOf, spreadNumbers } from './test-support.js';
import { bytesOf } from './wire.js';
import { writeModel } from './write-model.js';

/** A MatMul, a Gemm with a turned weight, and a MatMul with a Transpose of one: [batch, 6] to [batch, 5]. */
function threeProducts(): ModelProto {
  const graph = new GraphBuilder();
  const x = graph.input('x', dataType.float32, ['batch', 6]);
  const hidden = graph.op('Tanh', [graph.op('MatMul', [x, graph.initializer('first', [6, 10], spreadNumbers(60))])]);
  const bias = graph.initializer('bias', [4], spreadNumbers(4));
  const inner = graph.op('Gemm', [hidden, graph.initializer('second', [4, 10], spreadNumbers(40, -1, 1, 2)), bias], { transB: 1 });
  const turned = graph.op('Transpose', [graph.initializer('third', [5, 4], spreadNumbers(20, -1, 1, 3))], { perm: [1, 0] });
  const y = graph.op('MatMul', [graph.op('Tanh', [inner]), turned]);
  return graph.model([y], { [y]: 'y' });
}

/** y = x W, with `use` of W besides. */
function sharedWeight(use: (graph: GraphBuilder, weight: string, x: string) => string): ModelProto {
  const graph = new GraphBuilder();
  const x = graph.input('x', dataType.float32, [2, 6]);
  const weight = graph.initializer('shared', [6, 6], spreadNumbers(36));
  const own = graph.op('MatMul', [x, graph.initializer('own', [6, 6], spreadNumbers(36, -1, 1, 1))]);
  const y = graph.op('Add', [graph.op('MatMul', [own, weight]), use(graph, weight, x)]);
  return graph.model([y], { [y]: 'y' });
}

async function run(model: ModelProto): Promise<number[]> {
  await using session = await createSession(writeModel(model));
  return numbersOf((await session.run({ x: float32(spreadNumbers(12, -1, 1, 5), [2, 6]) }))['y']);
}

/** Values for all adapters, and the model with them in place. */
function train({ model, names }: LoraModel): { trained: Map<string, Float32Array>; apart: ModelProto } {
  const adapters = model.graph.initializers.filter(({ name }) => names.includes(name));
  const trained = new Map(adapters.map((tensor, index) => [tensor.name, spreadNumbers(floatsOf(tensor).length, -1, 1, index)]));
  const initializers = model.graph.initializers.map((tensor) => ({ ...tensor, bytes: bytesOf(trained.get(tensor.name) ?? floatsOf(tensor)) }));
  return { trained, apart: { ...model, graph: { ...model.graph, initializers } } };
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? Number.NaN))));
}

const options = (): Parameters<typeof addLora>[1] => ({ rank: 3, random: createRandom(1) });

describe('adapters', () => {
  test('that are fresh change nothing', async () => {
    expect(largestDifference(await run(addLora(threeProducts(), options()).model), await run(threeProducts()))).toBeLessThan(1e-6);
  });

  test('have two weights for each matrix, A random and B zero', () => {
    const { model, names } = addLora(threeProducts(), options());
    expect(names).toEqual(['first.lora_A', 'first.lora_B', 'second.lora_A', 'second.lora_B', 'third.lora_A', 'third.lora_B']);
    const found = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
    expect(names.map((name) => found.get(name)?.dims)).toEqual([[6, 3], [3, 10], [10, 3], [3, 4], [4, 3], [3, 5]]);
    for (const name of names) {
      const tensor = found.get(name);
      expect(tensor && floatsOf(tensor).some((value) => value !== 0)).toBe(name.endsWith('A'));
    }
  });

  test('are scaled so that A has the variance 1 / from', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', dataType.float32, [1, 400]);
    const y = graph.op('MatMul', [x, graph.initializer('wide', [400, 2], spreadNumbers(800))]);
    const { model } = addLora(graph.model([y]), { rank: 8, random: createRandom(1) });
    const factor = model.graph.initializers.find(({ name }) => name === 'wide.lora_A');
    const values = factor ? floatsOf(factor) : new Float32Array(0);
    expect(values.reduce((sum, value) => sum + value * value, 0) / values.length).toBeCloseTo(1 / 400, 3);
  });
});

describe('merging', () => {
  test.each([undefined, 1, 12])('does what the adapters did, with alpha %s', async (alpha) => {
    const lora = addLora(threeProducts(), { ...options(), alpha });
    const { trained, apart } = train(lora);
    const merged = lora.merge(trained);
    expect(largestDifference(await run(merged), await run(apart))).toBeLessThan(1e-5);
    expect(largestDifference(await run(apart), await run(threeProducts()))).toBeGreaterThan(0.01);
    expect(merged.graph.nodes).toEqual(threeProducts().graph.nodes);
    expect(merged.graph.initializers.map(({ name }) => name)).toEqual(threeProducts().graph.initializers.map(({ name }) => name));
  });

  test('needs the values of all adapters, whole', () => {
    const lora = addLora(threeProducts(), options());
    const { trained } = train(lora);
    const cut = new Map(trained).set('second.lora_B', new Float32Array(3));
    const refusal = expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining('second.lora_B') as string });
    expect(() => lora.merge(cut)).toThrow(refusal);
    cut.delete('second.lora_B');
    expect(() => lora.merge(cut)).toThrow(refusal);
  });
});

describe('matrices without an adapter', () => {
  test.each<[string, Parameters<typeof sharedWeight>[0]]>([
    ['is looked up in as an embedding', (graph, weight) => graph.op('Gather', [weight, graph.int([0, 1])], { axis: 0 })],
    ['is multiplied turned as well', (graph, weight, x) => graph.op('MatMul', [x, graph.op('Transpose', [weight], { perm: [1, 0] })])],
    ['is multiplied and scaled as well', (graph, weight, x) => graph.op('Gemm', [x, weight], { alpha: { float: 0.5 } })],
  ])('are one that %s', async (_, use) => {
    const lora = addLora(sharedWeight(use), options());
    expect(lora.names).toEqual(['own.lora_A', 'own.lora_B']);
    const { trained, apart } = train(lora);
    expect(largestDifference(await run(lora.merge(trained)), await run(apart))).toBeLessThan(1e-5);
  });

  test('are none of those that two products read alike', async () => {
    const lora = addLora(sharedWeight((graph, weight, x) => graph.op('MatMul', [x, weight])), options());
    expect(lora.names).toHaveLength(4);
    const { trained, apart } = train(lora);
    expect(largestDifference(await run(lora.merge(trained)), await run(apart))).toBeLessThan(1e-5);
  });

  test('are those to skip and vocabularies', () => {
    expect(addLora(threeProducts(), { ...options(), skip: (name) => name !== 'second' }).names).toEqual(['second.lora_A', 'second.lora_B']);
    const graph = new GraphBuilder();
    const x = graph.input('x', dataType.float32, [1, 2]);
    const hidden = graph.op('MatMul', [x, graph.initializer('inner', [2, 2], spreadNumbers(4))]);
    const y = graph.op('MatMul', [hidden, graph.initializer('vocabulary', [2, 20_001], new Float32Array(40_002).fill(0.5))]);
    expect(addLora(graph.model([y]), options()).names).toEqual(['inner.lora_A', 'inner.lora_B']);
  });
});

test.each([{ rank: 0 }, { rank: 1.5 }, { rank: Number.NaN }, { alpha: 0 }, { alpha: Number.NaN }])('%j is refused', (wrong) => {
  expect(() => addLora(threeProducts(), { ...options(), ...wrong })).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});

test('a model without a product to adapt is refused', () => {
  expect(() => addLora(threeProducts(), { ...options(), skip: () => true })).toThrow(expect.objectContaining({ code: 'model-invalid' }));
});
