import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import { fitPlattScaling, plattProbability } from './platt.js';

test('finds the scale and bias that labels were drawn with', () => {
  const random = createRandom(3);
  const logits = Array.from({ length: 4000 }, () => 3 * random.normal());
  const labels = logits.map((logit) => random.next() < plattProbability(logit, { scale: 0.6, bias: -1 }));
  const { scale, bias } = fitPlattScaling(logits, labels);
  expect(scale).toBeCloseTo(0.6, 1);
  expect(bias).toBeCloseTo(-1, 1);
});

test('stays finite where the labels are told apart without an error', () => {
  const { scale, bias } = fitPlattScaling([-2, -1, 1, 2], [false, false, true, true]);
  expect(Number.isFinite(scale) && Number.isFinite(bias)).toBe(true);
  expect(scale).toBeGreaterThan(0);
});

test('gives the share of positives, smoothed, where all logits are the same', () => {
  const fit = fitPlattScaling([0, 0, 0, 0], [true, false, false, false]);
  // (1 * 2/3 + 3 * 1/5) / 4
  expect(plattProbability(0, fit)).toBeCloseTo((2 / 3 + 3 / 5) / 4, 4);
});

test('turns the scale round where logits rank the wrong way', () => {
  expect(fitPlattScaling([-2, -1, 1, 2, -1, 1], [true, true, false, false, false, true]).scale).toBeLessThan(0);
});

test('rejects labels of one class', () => {
  expect(() => fitPlattScaling([1, 2], [true, true])).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
});
