import { expect, test } from 'vitest';
import { confusionAt, falsePositiveRate } from './confusion.js';
import { thresholdAtFalsePositiveRate } from './threshold.js';

const scores = [0.1, 0.2, 0.3, 0.4, 0.35, 0.9];
const labels = [false, false, false, false, true, true];

test.each([
  { target: 0, threshold: 0.9 },
  { target: 0.25, threshold: 0.35 },
  { target: 0.5, threshold: 0.3 },
  { target: 1, threshold: 0.1 },
])('gives the lowest score that keeps the rate within $target', ({ target, threshold }) => {
  expect(thresholdAtFalsePositiveRate(scores, labels, target)).toBe(threshold);
});

test('never lets tied negatives push the rate over the target', () => {
  const tied = [0.6, 0.6, 0.6, 0.1, 0.7];
  const of = [false, false, false, false, true];
  const threshold = thresholdAtFalsePositiveRate(tied, of, 0.5);
  expect(falsePositiveRate(confusionAt(threshold, tied, of))).toBe(0);
});

test('goes above every score when even the highest one is refused', () => {
  expect(thresholdAtFalsePositiveRate([1, 0.5], [false, true], 0)).toBeGreaterThan(1);
});

test('rejects a target outside [0, 1] and data without a negative', () => {
  expect(() => thresholdAtFalsePositiveRate(scores, labels, 5)).toThrow(
    expect.objectContaining({ code: 'invalid-options' }),
  );
  expect(() => thresholdAtFalsePositiveRate([1], [true], 0.1)).toThrow(
    expect.objectContaining({ code: 'invalid-dataset' }),
  );
});
