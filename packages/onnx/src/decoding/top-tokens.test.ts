import { expect, test } from 'vitest';
import { likelyTokens, topTokensOf } from './top-tokens.js';

const row = Float32Array.of(1, 3, 3, 2);

test('the likeliest tokens come first, of equal ones the first', () => {
  const top = topTokensOf(row, 3);
  expect(top).toMatchObject({ ids: [1, 2, 3], logits: [3, 3, 2], isAll: false });
  const logSum = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
  expect(likelyTokens(top, 2)).toEqual([1, 2].map((id) => ({ id, logprob: expect.closeTo(3 - logSum, 6) as number })));
});

test('probabilities of all tokens add up to 1, also of large logits', () => {
  const top = topTokensOf(Float32Array.of(1000, 1001, -1000), 20);
  expect(top.isAll).toBe(true);
  expect(likelyTokens(top, 20).reduce((total, { logprob }) => total + Math.exp(logprob), 0)).toBeCloseTo(1, 6);
});

test('a logit that is not a number is refused', () => {
  expect(() => topTokensOf(Float32Array.of(1, Number.NaN), 1)).toThrow(expect.objectContaining({ code: 'model-invalid' }));
});
