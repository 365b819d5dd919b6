import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import { createSession } from '../session/session.js';
import { float32 } from '../session/tensor.js';
import { GraphBuilder } from './builder.js';
import { importModel } from './import-model.js';
import { addLora } from './lora.js';
import { dataType, type ModelProto } from './model.js';
import { numbersOf, spreadNumbers } from './test-support.js';
import { floatsOf } from './tied-weights.js';
import { bytesOf } from './wire.js';
import { writeModel } from './write-model.js';

function twoProducts(): ModelProto {
  const graph = new GraphBuilder();
  const x = graph.input('x', dataType.float32, ['batch', 6]);
  const hidden = graph.op('Tanh', [graph.op('MatMul', [x, graph.initializer('first', [6, 10], spreadNumbers(60))])]);
  const y = graph.op('Gemm', [hidden, graph.initializer('second', [4, 10], spreadNumbers(40, -1, 1, 2))], { transB: 1 });
  return graph.model([y], { [y]: 'y' });
}

async function run(model: ModelProto): Promise<number[]> {
  await using session = await createSession(writeModel(model));
  return numbersOf((await session.run({ x: float32(spreadNumbers(12, -1, 1, 5), [2, 6]) }))['y']);
}

const near = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 4));
const options = { rank: 3, random: createRandom(1) };

test('fresh adapters change nothing', async () => {
  expect(await run(addLora(twoProducts(), options).model)).toEqual(near(await run(twoProducts())));
});

test('merged adapters do what they did apart, for turned weights too', async () => {
  const { model, names, merge } = addLora(twoProducts(), options);
  expect(names).toEqual(['first.lora_A', 'first.lora_B', 'second.lora_A', 'second.lora_B']);
  const trained = new Map(model.graph.initializers.filter(({ name }) => names.includes(name)).map((tensor, index) => [tensor.name, spreadNumbers(floatsOf(tensor).length, -1, 1, index)]));
  const initializers = model.graph.initializers.map((tensor) => {
    const values = trained.get(tensor.name);
    return values === undefined ? tensor : { ...tensor, bytes: bytesOf(values) };
  });
  const apart = await run({ ...model, graph: { ...model.graph, initializers } });
  const merged = merge(trained);
  expect(await run(merged)).toEqual(near(apart));
  expect(apart).not.toEqual(near(await run(twoProducts())));
  expect(merged.graph.initializers.map(({ name }) => name)).toEqual(['first', 'second']);
});

test('each adapter is a weight of its own', () => {
  const { model, names } = addLora(twoProducts(), options);
  expect([...importModel(model).weights.keys()]).toEqual(expect.arrayContaining([...names]));
});
