import { expect, test } from 'vitest';
import { createRandom } from '@align-squad/core';
import { logisticProbability, trainLogisticRegression, type LogisticExample, type SparseVector } from './logistic-regression.js';

const settings = { size: 6, epochs: 20, learningRate: 0.2, l2: 0.001, seed: 3 };

function vector(values: Readonly<Record<number, number>>): SparseVector {
  return { indices: Uint32Array.from(Object.keys(values), Number), values: Float32Array.from(Object.values(values)) };
}

/** Position 0 is constant, 1 speaks for the label, 2 against it, 3 and 4 say nothing. */
function separable(): LogisticExample[] {
  const random = createRandom(5);
  return Array.from({ length: 200 }, (_, index) => {
    const label = index % 2 === 0;
    return { label, vector: vector({ 0: 1, [label ? 1 : 2]: 1, [3 + random.integer(2)]: 1 }) };
  });
}

test('learns which positions speak for the label', () => {
  const weights = trainLogisticRegression(separable(), settings);
  expect(logisticProbability(weights, vector({ 0: 1, 1: 1 }))).toBeGreaterThan(0.9);
  expect(logisticProbability(weights, vector({ 0: 1, 2: 1 }))).toBeLessThan(0.1);
  expect(Math.abs(weights[3] ?? 1)).toBeLessThan(0.5);
});

test('a position that no example has keeps weight 0', () => {
  expect(trainLogisticRegression(separable(), settings)[5]).toBe(0);
});

test('the same examples and seed give the same weights, another seed others', () => {
  expect(trainLogisticRegression(separable(), settings)).toEqual(trainLogisticRegression(separable(), settings));
  expect(trainLogisticRegression(separable(), { ...settings, seed: 4 })).not.toEqual(trainLogisticRegression(separable(), settings));
});

test('more weight decay gives smaller weights', () => {
  const size = (l2: number): number => Math.hypot(...trainLogisticRegression(separable(), { ...settings, l2 }));
  expect(size(0.1)).toBeLessThan(size(0.001));
});

test('an example with a weight counts as so many, and one without weight as none', () => {
  const probability = (count: number, weight: number): number => {
    const against = Array.from({ length: count }, (): LogisticExample => ({ label: false, weight, vector: vector({ 0: 1, 1: 1 }) }));
    return logisticProbability(trainLogisticRegression([...separable(), ...against], settings), vector({ 0: 1, 1: 1 }));
  };
  expect(probability(100, 1)).toBeLessThan(0.2);
  expect(probability(200, 0.5)).toBeCloseTo(probability(100, 1), 1);
  expect(probability(200, 0.05)).toBeCloseTo(probability(10, 1), 1);
  expect(probability(200, 0)).toBeGreaterThan(0.9);
});
