import { expect, test } from 'vitest';
import { binomialUpperBound, trialsForRate } from './binomial-bound.js';

test.each([
  { hits: 0, trials: 10, bound: 1 - 0.05 ** (1 / 10) },
  { hits: 1, trials: 10, bound: 0.39416 },
  { hits: 5, trials: 200, bound: 0.05185 },
  { hits: 10, trials: 10, bound: 1 },
])('is $bound for $hits of $trials', ({ hits, trials, bound }) => {
  expect(binomialUpperBound(hits, trials)).toBeCloseTo(bound, 4);
});

test('is the rate at which so few hits still have a chance of 5 %', () => {
  const bound = binomialUpperBound(2, 20);
  const chance = (1 - bound) ** 20 + 20 * bound * (1 - bound) ** 19 + 190 * bound ** 2 * (1 - bound) ** 18;
  expect(chance).toBeCloseTo(0.05, 9);
});

test('does not underflow with very many trials', () => {
  const bound = binomialUpperBound(30_000, 1_000_000);
  expect(bound).toBeGreaterThan(0.03);
  expect(bound).toBeLessThan(0.0304);
});

test('says how many trials can show a rate: one fewer can not', () => {
  expect(trialsForRate(0.03)).toBe(99);
  expect(binomialUpperBound(0, 99)).toBeLessThanOrEqual(0.03);
  expect(binomialUpperBound(0, 98)).toBeGreaterThan(0.03);
});

test('rejects counts that are none, and rates and levels outside (0, 1)', () => {
  expect(() => binomialUpperBound(3, 2)).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
  expect(() => binomialUpperBound(0, 0)).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
  expect(() => binomialUpperBound(0, 5, 1)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
  expect(() => trialsForRate(0)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
