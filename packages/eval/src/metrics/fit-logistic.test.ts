
import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import { fitLogistic, type FitRow } from './fit-logistic.js';

function draw(weights: readonly number[], bias: number, count: number): FitRow[] {
  const random = createRandom(11);
  return Array.from({ length: count }, () => {
    const features = weights.map(() => 2 * random.normal());
    const logit = features.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), bias);
    return { features, label: random.next() < 1 / (1 + Math.exp(-logit)) ? 1 : 0 };
  });
}

test('finds the weights and the bias that labels were drawn with', () => {
  const [first = 0, second = 0, bias = 0] = fitLogistic(draw([1.5, -0.5], 0.7, 4000));
  expect(first).toBeCloseTo(1.5, 0);
  expect(second).toBeCloseTo(-0.5, 0);
  expect(bias).toBeCloseTo(0.7, 0);
});

test('stays finite on labels that one feature separates', () => {
  const rows = Array.from({ length: 50 }, (_, index): FitRow => ({ features: [index - 25], label: index < 25 ? 0 : 1 }));
  const [slope = NaN, bias = NaN] = fitLogistic(rows);
  expect(slope).toBeGreaterThan(0);
  expect(Number.isFinite(slope) && Number.isFinite(bias)).toBe(true);
});

test('stays finite on very large features', () => {
  const rows = draw([0.001], 0, 200).map(({ features, label }): FitRow => ({ features: features.map((value) => value * 1000), label }));
  expect(fitLogistic(rows).every(Number.isFinite)).toBe(true);
});
