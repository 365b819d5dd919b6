import { expect, test } from 'vitest';
import { effectiveTrials, wilsonInterval } from './wilson.js';

// Bounds worked out apart from the code, by Wilson's formula (1927).
test.each([
  [8, 10, 0.4901625, 0.9433178],
  [0, 10, 0, 0.2775328],
  [10, 10, 0.7224672, 1],
])('%i of %i', (successes, trials, low, high) => {
  const interval = wilsonInterval(successes / trials, trials);
  expect(interval.low).toBeCloseTo(low, 5);
  expect(interval.high).toBeCloseTo(high, 5);
});

test('groups of one size are worth one trial each, uneven ones less', () => {
  expect(effectiveTrials([1, 1, 1])).toBe(3);
  expect(effectiveTrials([4, 4])).toBe(2);
  expect(effectiveTrials([9, 1])).toBeCloseTo(100 / 82, 9);
});
