import { createRandom } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { pickToken, type Sampling } from './pick-token.js';

const none: ReadonlySet<number> = new Set();

/** How often each token is drawn. */
function counts(logits: readonly number[], sampling: Sampling, draws = 4000): number[] {
  const random = createRandom(1);
  const found = logits.map(() => 0);
  for (let draw = 0; draw < draws; draw++) {
    const id = pickToken(Float32Array.from(logits), sampling, none, random);
    found[id] = (found[id] ?? 0) + 1;
  }
  return found;
}

test.each([[[1, 3, 3, 2], 1], [[-5, -7], 0], [[Number.NEGATIVE_INFINITY, -1], 1]])('temperature 0 takes the first of the largest of %j', (logits, expected) => {
  expect(pickToken(Float32Array.from(logits), { temperature: 0 }, none, createRandom(1))).toBe(expected);
});

test('tokens are drawn by their probability at the temperature', () => {
  const logits = [0, Math.log(2), Math.log(5), Number.NEGATIVE_INFINITY];
  const [a = 0, b = 0, c = 0, never] = counts(logits, { temperature: 1 });
  // Five standard errors.
  expect(Math.abs(a / 4000 - 1 / 8)).toBeLessThan(0.027);
  expect(Math.abs(b / 4000 - 2 / 8)).toBeLessThan(0.035);
  expect(Math.abs(c / 4000 - 5 / 8)).toBeLessThan(0.039);
  expect(never).toBe(0);
  const [cold = 0] = counts(logits, { temperature: 0.5 });
  expect(Math.abs(cold / 4000 - 1 / 30)).toBeLessThan(0.015);
});

describe('only the likeliest tokens are drawn', () => {
  const logits = Array.from({ length: 200 }, (_, id) => Math.log(1 + ((id * 37) % 200)));
  const best = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
  const drawn = (sampling: Sampling): number[] => counts(logits, sampling, 6000).flatMap((count, id) => (count > 0 ? [id] : []));
  const sorted = (ids: readonly number[]): number[] => [...ids].sort((a, b) => a - b);

  test.each([1, 2, 7])('the %i likeliest', (topK) => {
    expect(drawn({ temperature: 1, topK })).toEqual(sorted(best.slice(0, topK)));
  });

  test.each([0.001, 0.1, 0.3])('those that reach the probability %d', (topP) => {
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    let sum = 0;
    const count = best.findIndex((id) => (sum += Math.exp(logits[id] ?? 0)) >= topP * total) + 1;
    expect(drawn({ temperature: 1, topP })).toEqual(sorted(best.slice(0, count)));
  });

  test('all, where they are spread over any distance', () => {
    const wide = [0, -30, -60, -90];
    expect(counts(wide, { temperature: 30, topP: 1, topK: 3 }, 2000).map((count) => count > 0)).toEqual([true, true, true, false]);
    expect(counts([5, 5, 5], { temperature: 0.001, topP: 0.99 }, 300).every((count) => count > 0)).toBe(true);
  });
});

test('tokens that occurred are penalised on either side of 0', () => {
  const random = createRandom(1);
  const seen = new Set([0, 99]);
  expect(pickToken(Float32Array.of(3, 2), { temperature: 0, repetitionPenalty: 2 }, seen, random)).toBe(1);
  expect(pickToken(Float32Array.of(-1, -1.5), { temperature: 0, repetitionPenalty: 2 }, seen, random)).toBe(1);
  expect(pickToken(Float32Array.of(3, 2), { temperature: 0, repetitionPenalty: 1 }, seen, random)).toBe(0);
});

test.each([[[0, Number.NaN]], [[]]])('the logits %j are refused', (logits) => {
  expect(() => pickToken(Float32Array.from(logits), { temperature: 1 }, none, createRandom(1))).toThrow(expect.objectContaining({ code: 'model-invalid' }));
});
