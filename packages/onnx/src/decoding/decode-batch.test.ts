import { expect, test } from 'vitest';
import { groupByLength } from './decode-batch.js';
import type { DecodeSessionRequest } from './decode-request.js';

const requests = [5, 9, 5, 20, 6, 11].map((length): DecodeSessionRequest => ({ ids: new Array<number>(length).fill(1), maxTokens: 3 }));

test('groups hold prompts of equal length, or up to twice the shortest', () => {
  expect(groupByLength(requests, { largest: 8, isNearEnough: false })).toEqual([[0, 2], [4], [1], [5], [3]]);
  expect(groupByLength(requests, { largest: 8, isNearEnough: true })).toEqual([[0, 2, 4, 1], [5, 3]]);
});

test('no group is larger than it may be', () => {
  expect(groupByLength(requests, { largest: 2, isNearEnough: true })).toEqual([[0, 2], [4, 1], [5, 3]]);
  expect(groupByLength(requests, { largest: 1, isNearEnough: true })).toHaveLength(6);
});

test('a request that goes alone is in no group with others', () => {
  expect(groupByLength(requests, { largest: 8, isNearEnough: true, isAlone: ({ ids }) => ids.length === 5 })).toEqual([[4, 1, 5], [3], [0], [2]]);
});
