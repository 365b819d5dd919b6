import { expect, test } from 'vitest';
import { fleissKappa } from './agreement.js';

test('the worked example of fourteen raters, ten items and five categories', () => {
  const counts = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
  ];
  const { agreement, kappa } = fleissKappa(counts);
  expect(agreement).toBeCloseTo(0.378, 3);
  expect(kappa).toBeCloseTo(0.21, 3);
});

test('full agreement is 1, and has no kappa where all answers are the same', () => {
  expect(fleissKappa([[2, 0], [0, 3]])).toEqual({ agreement: 1, kappa: 1 });
  expect(fleissKappa([[2, 0], [3, 0]])).toEqual({ agreement: 1 });
  expect(fleissKappa([])).toEqual({});
});

test('an item with one answer is refused', () => {
  expect(() => fleissKappa([[1, 0]])).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
});
