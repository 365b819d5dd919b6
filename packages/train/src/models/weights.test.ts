import { GraphBuilder } from '@align-squad/onnx/graph';
import { describe, expect, test } from 'vitest';
import { createRandom } from '@align-squad/core';
import { frozenWeights, trainableWeights, type Weights } from './weights.js';

describe('trainable weights', () => {
  test('a weight is an input of the graph and starts as declared', () => {
    const [graph, weights]: [GraphBuilder, Weights] = [new GraphBuilder(), new Map()];
    const declare = trainableWeights(graph, weights, createRandom(1));
    declare('bias', [3], { constant: 0.5 });
    declare('matrix', [40, 50], { deviation: 0.02 });
    expect(graph.model([]).graph.inputs.map(({ name, dims }) => [name, dims])).toEqual([['bias', [3]], ['matrix', [40, 50]]]);
    expect(weights.get('bias')).toEqual({ dims: [3], data: Float32Array.of(0.5, 0.5, 0.5) });
    const values = [...(weights.get('matrix')?.data ?? [])];
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    expect(deviation).toBeGreaterThan(0.018);
    expect(deviation).toBeLessThan(0.022);
  });

  test('a weight that exists keeps its values', () => {
    const weights: Weights = new Map([['bias', { dims: [2], data: Float32Array.of(7, 8) }]]);
    trainableWeights(new GraphBuilder(), weights, createRandom(1))('bias', [2], { constant: 0 });
    expect(weights.get('bias')?.data).toEqual(Float32Array.of(7, 8));
  });
});

describe('frozen weights', () => {
  test('a weight is a constant of the graph', () => {
    const graph = new GraphBuilder();
    frozenWeights(graph, new Map([['bias', { dims: [2], data: Float32Array.of(7, 8) }]]))('bias', [2], { constant: 0 });
    expect(graph.model([]).graph).toMatchObject({ inputs: [], initializers: [{ name: 'bias', dims: [2] }] });
  });

  test('a weight that was never trained is refused by name', () => {
    const attempt = (): unknown => frozenWeights(new GraphBuilder(), new Map())('bias', [2], { constant: 0 });
    expect(attempt).toThrow(expect.objectContaining({ code: 'training-failed', message: expect.stringContaining('bias') as string }));
  });
});
