import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import { identityWarmup } from './identity-warmup.js';
import type { AlignerRecord } from './read-records.js';

const records = Array.from({ length: 20 }, (_, line): AlignerRecord => ({
  exchange: { prompt: 'p', response: `response ${line}` },
  correction: `correction ${line}`,
  identity: false,
  weight: 1,
  line,
  promptKey: 'p',
}));

test.each([[0.2, 4], [0, 0], [1, 20]])('a share of %d becomes identities of their corrections, each once', (share, count) => {
  const warmup = identityWarmup(records, share, createRandom(1));
  expect(new Set(warmup.map(({ line }) => line)).size).toBe(count);
  for (const { exchange, correction, identity, line } of warmup) {
    expect([exchange, identity]).toEqual([{ prompt: 'p', response: correction }, true]);
    expect(correction).toBe(`correction ${line}`);
  }
});

test('which ones depends on the random source', () => {
  const lines = (seed: number): number[] => identityWarmup(records, 0.2, createRandom(seed)).map(({ line }) => line);
  expect(lines(1)).toEqual(lines(1));
  expect(lines(1)).not.toEqual(lines(2));
});
