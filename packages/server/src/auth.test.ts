import { expect, test, vi } from 'vitest';
import * as crypto from 'node:crypto';
import { createKeyCheck } from './auth.js';

vi.mock('node:crypto', async (load) => {
  const real = await load<typeof import('node:crypto')>();
  return { ...real, timingSafeEqual: vi.fn(real.timingSafeEqual) };
});

test.each([
  ['one', true],
  ['two', true],
  ['three', true],
  ['four', false],
  ['on', false],
  ['onee', false],
  ['', false],
  ['\u{1f511}', false],
])('the key "%s" is known: %s', (key, isKnown) => {
  expect(createKeyCheck(['one', 'two', 'three'])(key)).toBe(isKnown);
});

test.each(['one', 'three', 'none of them'])('each key is compared in full, as hashes of one length, whatever comes (%s)', (key) => {
  const compare = vi.mocked(crypto.timingSafeEqual);
  compare.mockClear();
  createKeyCheck(['one', 'two', 'a much longer key'])(key);
  expect(compare.mock.calls.map(([known, given]) => [known.byteLength, given.byteLength])).toEqual([[32, 32], [32, 32], [32, 32]]);
});

test('without any keys none is known', () => {
  expect(createKeyCheck([])('')).toBe(false);
});
