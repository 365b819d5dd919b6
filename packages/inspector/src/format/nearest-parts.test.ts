import { expect, test } from 'vitest';
import { createNearestParts } from './nearest-parts.js';

const parts = [[1, 2, 3], [1, 4, 5], [1, 6, 7], [1, 8, 9]];

test('gives all parts where there are no more than asked for', () => {
  expect(createNearestParts(parts, 4)([9])).toBe(parts);
});

test('gives the parts that share most tokens, in their own order', () => {
  expect(createNearestParts(parts, 2)([9, 8, 4])).toEqual([parts[1], parts[3]]);
});

test('a token that every part holds decides nothing', () => {
  expect(createNearestParts(parts, 1)([1, 1, 1, 6])).toEqual([parts[2]]);
});

test('gives the first parts where nothing is shared', () => {
  expect(createNearestParts(parts, 2)([42])).toEqual([parts[0], parts[1]]);
});
