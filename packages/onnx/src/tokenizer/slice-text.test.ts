import { expect, test } from 'vitest';
import { sliceText } from './slice-text.js';

test('a short text is one slice', () => {
  expect(sliceText('one two', 7)).toEqual(['one two']);
});

test('a slice ends before the last single space that fits', () => {
  expect(sliceText('aa bb cc dd ee', 8)).toEqual(['aa bb', ' cc dd', ' ee']);
});

test('a run of spaces is not divided where a single one is near', () => {
  expect(sliceText('aaaaaa bb   ccc', 11)).toEqual(['aaaaaa', ' bb   ccc']);
});

test('an unbroken run is cut at the limit', () => {
  expect(sliceText('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
});

test('a surrogate pair stays whole', () => {
  expect(sliceText('ab🙂cd', 3)).toEqual(['ab', '🙂c', 'd']);
});

test('slices joined are the text', () => {
  const text = 'It is   so.\n\n🙂🙂🙂 and on and on '.repeat(20);
  for (const length of [1, 2, 5, 17, 64]) expect(sliceText(text, length).join('')).toBe(text);
});
