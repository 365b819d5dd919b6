import { expect, test } from 'vitest';
import { createRandom, shuffledIndices } from './random.js';

test('repeats with the same seed and differs with another', () => {
  const draw = (seed: number): number[] => Array.from({ length: 5 }, createRandom(seed));
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('stays within [0, 1) and spreads evenly', () => {
  const random = createRandom(9);
  const values = Array.from({ length: 10_000 }, random);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(values.filter((value) => value < 0.25).length / values.length).toBeCloseTo(0.25, 1);
});

test('shuffles every index once', () => {
  const order = [...shuffledIndices(100, createRandom(1))];
  expect(order).not.toEqual([...order].sort((a, b) => a - b));
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
});
