import { dataType, GraphBuilder, quantizeModel, type ModelProto } from '@align-squad/onnx/graph';
import { expect, test } from 'vitest';
import { findFeatures } from './find-features.js';

/** hidden -> tanh -> classifier -> logits, under the given output name. */
function classifier(output: string, width = 32): { readonly model: ModelProto; readonly pooled: string } {
  const graph = new GraphBuilder();
  const hidden = graph.input('hidden', dataType.float32, ['batch', width]);
  const pooled = graph.op('Tanh', [hidden]);
  const weight = graph.initializer('weight', [width, width], new Float32Array(width * width).fill(0.1));
  const logits = graph.add(graph.op('MatMul', [pooled, weight]), graph.initializer('bias', [width], new Float32Array(width)));
  return { model: graph.model([logits], { [logits]: output }), pooled };
}

test('of a classifier are what its last matrix product reads', () => {
  const { model, pooled } = classifier('logits');
  expect(findFeatures(model)).toBe(pooled);
});

test('of a quantised classifier are what it read before', () => {
  const { model, pooled } = classifier('logits');
  expect(findFeatures(quantizeModel(model, { minValues: 1 }))).toBe(pooled);
});

test('of an encoder without a classifier are its output', () => {
  expect(findFeatures(classifier('last_hidden_state').model)).toBe('last_hidden_state');
});

test('a graph with neither is refused', () => {
  expect(() => findFeatures(classifier('scores').model)).toThrow(expect.objectContaining({ code: 'model-invalid' }));
});

test('of a graph that names them are those', () => {
  expect(findFeatures(classifier('features').model)).toBe('features');
});
