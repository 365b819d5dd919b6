import { expect, test } from 'vitest';
import { float32 } from '../session/tensor.js';
import { createSession } from '../session/session.js';
import { GraphBuilder } from './builder.js';
import { joinModels } from './join-models.js';
import { dataType } from './model.js';
import { selectOutputs } from './select-outputs.js';
import { numbersOf } from './test-support.js';
import { writeModel } from './write-model.js';

function chain() {
  const graph = new GraphBuilder();
  const x = graph.input('x', dataType.float32, [2]);
  const inner = graph.mul(x, graph.initializer('two', [1], Float32Array.of(2)));
  const outer = graph.add(inner, graph.initializer('hundred', [1], Float32Array.of(100)));
  return { model: graph.model([outer], { [outer]: 'outer' }), inner };
}

test('an inner value becomes the output, and what it does not need is left out', async () => {
  const { model, inner } = chain();
  const part = selectOutputs(model, [inner]);
  expect(part.graph.initializers.map(({ name }) => name)).toEqual(['two']);
  await using session = await createSession(writeModel(part));
  expect(numbersOf((await session.run({ x: float32(Float32Array.of(1, 3), [2]) }))[inner])).toEqual([2, 6]);
});

test('a value that the model does not have is refused', () => {
  expect(() => selectOutputs(chain().model, ['nowhere'])).toThrow(expect.objectContaining({ code: 'model-invalid' }));
});

test('a second model runs on values of the first, whatever their inner names', async () => {
  const first = chain();
  const joined = joinModels(selectOutputs(first.model, [first.inner]), chain().model, { bindings: { x: first.inner }, prefix: 'second.' });
  await using session = await createSession(writeModel(joined));
  expect(numbersOf((await session.run({ x: float32(Float32Array.of(1, 3), [2]) }))['outer'])).toEqual([104, 112]);
});

test('a second model whose input is fed by nothing is refused', () => {
  const other = new GraphBuilder();
  const y = other.neg(other.input('elsewhere', dataType.float32, [2]));
  expect(() => joinModels(chain().model, other.model([y]), { bindings: {}, prefix: 'b.' })).toThrow(expect.objectContaining({ code: 'model-invalid' }));
});
