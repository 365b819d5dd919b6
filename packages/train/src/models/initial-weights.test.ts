import { createRandom } from '@align-squad/core';
import { GraphBuilder } from '@align-squad/onnx/graph';
import { expect, test } from 'vitest';
import { initialWeights } from './initial-weights.js';
import type { Weights } from './weights.js';

test('two graphs share the values of a name, and a graph declares it once', () => {
  const weights: Weights = new Map();
  const [one, other] = [new GraphBuilder(), new GraphBuilder()].map((graph) => {
    const weight = initialWeights(graph, weights, createRandom(1));
    weight('w', [2, 3], { deviation: 1 });
    weight('w', [2, 3], { deviation: 1 });
    return graph.model([]).graph.initializers;
  });
  expect(one).toHaveLength(1);
  expect(other).toEqual(one);
});

test('a constant start and a random one have their values', () => {
  const weights: Weights = new Map();
  const weight = initialWeights(new GraphBuilder(), weights, createRandom(1));
  weight('ones', [4], { constant: 1 });
  weight('noise', [4000], { deviation: 0.5 });
  const noise = Array.from(weights.get('noise')?.data ?? []);
  expect(Array.from(weights.get('ones')?.data ?? [])).toEqual([1, 1, 1, 1]);
  expect(Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / 4000)).toBeCloseTo(0.5, 1);
});

test('another shape under the same name is refused', () => {
  const weight = initialWeights(new GraphBuilder(), new Map([['w', { dims: [2], data: Float32Array.of(1, 2) }]]), createRandom(1));
  expect(() => weight('w', [3], { constant: 0 })).toThrow(expect.objectContaining({ code: 'model-invalid' }));
});
