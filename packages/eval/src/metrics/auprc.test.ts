import { expect, test } from 'vitest';
import { auprc } from './auprc.js';

test('is the mean precision at each positive', () => {
  expect(auprc([0.1, 0.4, 0.35, 0.8], [false, false, true, true])).toBeCloseTo(0.8333333, 6);
});

test('is the share of positives for a constant score, whatever their order', () => {
  expect(auprc([0.3, 0.3, 0.3, 0.3], [true, false, false, false])).toBe(0.25);
  expect(auprc([0.3, 0.3, 0.3, 0.3], [false, false, false, true])).toBe(0.25);
});

test('is 1 when the positives come first', () => {
  expect(auprc([3, 2, 1], [true, true, false])).toBe(1);
});

test('rejects labels without a positive', () => {
  expect(() => auprc([1, 2], [false, false])).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
});
