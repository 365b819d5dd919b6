import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import { createHashSet } from './hash-set.js';
import { hashText } from './hash-text.js';

test('holds what was added and nothing else, also after it has grown', () => {
  const set = createHashSet();
  for (let at = 0; at < 20_000; at++) set.add(hashText(`text ${at}`));
  expect(set.size).toBe(20_000);
  expect(Array.from({ length: 20_000 }, (_, at) => set.has(hashText(`text ${at}`))).every(Boolean)).toBe(true);
  expect(Array.from({ length: 20_000 }, (_, at) => set.has(hashText(`other ${at}`))).some(Boolean)).toBe(false);
});

test('adding twice counts once', () => {
  const set = createHashSet();
  set.add([7, 7]);
  set.add([7, 7]);
  expect(set.size).toBe(1);
});

test('takes the hash of two zeros', () => {
  const set = createHashSet();
  expect(set.has([0, 0])).toBe(false);
  set.add([0, 0]);
  expect(set.has([0, 0])).toBe(true);
});

test('both halves of a hash count', () => {
  const set = createHashSet();
  const random = createRandom(1);
  const low = random.integer(2 ** 32);
  set.add([1, low]);
  expect(set.has([2, low])).toBe(false);
});
