import { expect, test } from 'vitest';
import { tokenF1 } from './token-f1.js';

test.each([
  [['a', 'b'], ['b', 'a'], 1],
  [['a', 'a', 'b'], ['a', 'c'], 2 / 5],
  [['a', 'a'], ['a', 'a', 'a'], 4 / 5],
  [['a'], ['b'], 0],
  [[], ['a'], 0],
  [[], [], 0],
])('%j and %j', (first, second, expected) => {
  expect(tokenF1(first, second)).toBeCloseTo(expected, 12);
  expect(tokenF1(second, first)).toBeCloseTo(expected, 12);
});
