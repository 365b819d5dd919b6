import { expect, test } from 'vitest';
import { percentile } from './percentile.js';

test.each([
  { percent: 0, value: 1 },
  { percent: 50, value: 2.5 },
  { percent: 95, value: 3.85 },
  { percent: 100, value: 4 },
])('is $value at $percent % of 1 to 4 in any order', ({ percent, value }) => {
  expect(percentile([4, 1, 3, 2], percent)).toBeCloseTo(value);
});

test('is the only value at any percent', () => {
  expect(percentile([7], 95)).toBe(7);
});

test('rejects an empty list and a percent outside [0, 100]', () => {
  expect(() => percentile([], 50)).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
  expect(() => percentile([1], 101)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
