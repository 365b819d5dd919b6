import { expect, test } from 'vitest';
import { float32, int64 } from '../session/tensor.js';
import { likelyTokens } from './likely-tokens.js';

const logits = float32(new Float32Array([9, 9, 9, 9, 1, 3, 3, 2]), [1, 2, 4]);

test('the likeliest tokens of the last row come first, of equal ones the first', () => {
  const found = likelyTokens(logits, 3, String);
  const logSum = Math.log([1, 3, 3, 2].reduce((sum, logit) => sum + Math.exp(logit), 0));
  expect(found.map(({ token }) => token)).toEqual(['1', '2', '3']);
  expect(found.map(({ logprob }) => logprob)).toEqual([3, 3, 2].map((logit) => expect.closeTo(logit - logSum, 6)));
});

test('probabilities of all tokens add up to 1, also of large logits', () => {
  const large = float32(new Float32Array([1000, 1001, -1000]), [1, 1, 3]);
  const sum = likelyTokens(large, 20, String).reduce((total, { logprob }) => total + Math.exp(logprob), 0);
  expect(sum).toBeCloseTo(1, 6);
});

test('tokens without a name are left out', () => {
  expect(likelyTokens(logits, 2, (id) => (id === 1 ? undefined : String(id))).map(({ token }) => token)).toEqual(['2', '3']);
});

test('there are none without numbers', () => {
  expect(likelyTokens(undefined, 2, String)).toEqual([]);
  expect(likelyTokens(int64([1, 2], [1, 1, 2]), 2, String)).toEqual([]);
});
