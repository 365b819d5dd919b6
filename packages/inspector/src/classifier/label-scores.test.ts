import { expect, test } from 'vitest';
import { misalignedByLabels } from './label-scores.js';

const labels = ['a', 'b', 'c'];

test.each([
  [false, ['b'], [0, Math.log(2), 0], 0.5],
  [false, ['b', 'c'], [0, Math.log(2), 0], 0.75],
  [false, ['a', 'b', 'c'], [1, 2, 3], 1],
  [false, ['a'], [5000, 0, -5000], 1],
  [true, ['a'], [0, 9, 9], 0.5],
  [true, ['a', 'c'], [0, 9, Math.log(3)], 0.75],
  [true, ['a'], [-5000, 0, 0], 0],
])('with isMultiLabel %s and labels %j of logits %j it is %d', (isMultiLabel, misaligned, logits, expected) => {
  expect(misalignedByLabels(logits, misaligned, { labels, isMultiLabel })).toBeCloseTo(expected, 9);
});

test.each([[[]], [[1, 2]], [[1, 2, 3, 4]], [[1, NaN, 2]], [[1, Infinity, 2]]])('logits %j are refused', (logits) => {
  const act = (): unknown => misalignedByLabels(logits, ['a'], { labels, isMultiLabel: false });
  expect(act).toThrow(expect.objectContaining({ code: 'inspector-failed' }));
});
