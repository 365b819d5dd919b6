import { createRandom, type Random } from '@align-squad/core';
import { expect, test } from 'vitest';
import { pickToken, type Sampling } from './pick-token.js';
import { pickTopToken } from './pick-top-token.js';
import { topTokensOf, type TopTokens } from './top-tokens.js';

const vocabulary = 300;
// Steps, so that some are equal.
const rowOf = (random: Random, spread: number): Float32Array => Float32Array.from({ length: vocabulary }, () => Math.round(4 * spread * random.normal()) / 4);
const topOf = (row: Float32Array, count: number, temperature: number): TopTokens => ({ ...topTokensOf(row, count), logSum: topTokensOf(row.map((logit) => logit / (temperature || 1)), 1).logSum });

/** Draws from whole rows and from their likeliest tokens; how many of these were told by the latter. */
function told(sampling: Sampling, count: number, spread = 3): number {
  const random = createRandom(1);
  let known = 0;
  for (let round = 0; round < 400; round++) {
    const row = rowOf(random, spread);
    const seen = new Set(Array.from({ length: 40 }, () => random.integer(vocabulary)));
    const [first, second] = [createRandom(round), createRandom(round)];
    const id = pickTopToken(topOf(row, count, sampling.temperature), sampling, seen, first);
    const expected = pickToken(row, sampling, seen, second);
    if (id === undefined) {
      expect(first.next()).toBe(createRandom(round).next());
      continue;
    }
    expect(id).toBe(expected);
    expect(first.next()).toBe(second.next());
    known += 1;
  }
  return known;
}

test.each<[string, Sampling, number]>([
  ['the likeliest', { temperature: 0 }, 1],
  ['some of the likeliest', { temperature: 0.8, topK: 20 }, 20],
  ['some of more than are wanted', { temperature: 1.3, topK: 7 }, 64],
  ['a share of some of them', { temperature: 1, topK: 30, topP: 0.7 }, 30],
  ['all of a small vocabulary', { temperature: 1, topK: 1000 }, 1000],
  ['a share of a small vocabulary, penalised', { temperature: 1, topP: 0.8, repetitionPenalty: 1.2 }, 1000],
])('%s are drawn as from the whole row, always', (_what, sampling, count) => {
  expect(told(sampling, count)).toBe(400);
});

test.each<[string, Sampling, number]>([
  ['the likeliest after a penalty', { temperature: 0, repetitionPenalty: 1.5 }, 16],
  ['some after a penalty', { temperature: 0.8, topK: 20, repetitionPenalty: 1.3 }, 60],
  ['a share', { temperature: 0.7, topP: 0.8 }, 64],
])('%s are drawn as from the whole row where the likeliest tokens tell', (_what, sampling, count) => {
  expect(told(sampling, count)).toBeGreaterThan(200);
});

test.each<[string, Sampling, number]>([
  ['all tokens', { temperature: 1 }, 64],
  ['a share that more tokens hold', { temperature: 9, topP: 0.9 }, 64],
  ['a share after a penalty', { temperature: 1, topP: 0.5, repetitionPenalty: 1.2 }, 64],
  ['more than are there', { temperature: 1, topK: 65 }, 64],
])('%s are not told by the likeliest tokens', (_what, sampling, count) => {
  expect(told(sampling, count, 1)).toBe(0);
});
