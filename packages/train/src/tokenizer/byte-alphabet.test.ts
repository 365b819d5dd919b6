import { expect, test } from 'vitest';
import { byteAlphabet, toByteCharacters } from './byte-alphabet.js';

test('each byte has a character of its own that is no white space', () => {
  expect(new Set(byteAlphabet).size).toBe(256);
  expect(byteAlphabet.filter((character) => /[\s\p{C}]/u.test(character))).toEqual([]);
});

test.each([
  ['a', 'a'],
  [' ', 'Ġ'],
  ['\n', 'Ċ'],
  ['é', 'Ã©'],
])('%j is spelt %s, as in GPT-2', (text, spelt) => {
  expect(toByteCharacters(text).join('')).toBe(spelt);
});
