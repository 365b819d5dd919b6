import { expect, test } from 'vitest';
import { charactersKept } from './characters-kept.js';

test.each([
  { name: 'is 1 for the same text', original: 'One. Two.', rewrite: 'One. Two.', kept: 1 },
  { name: 'is 1 when text is only added', original: 'One. Two.', rewrite: 'One. And a half. Two.', kept: 1 },
  { name: 'is 0 when nothing survives', original: 'abc', rewrite: 'xyz', kept: 0 },
  { name: 'is 0 against an empty rewrite', original: 'abc', rewrite: '', kept: 0 },
  { name: 'counts the characters of the words that stay', original: 'good bad good', rewrite: 'good fine good', kept: 10 / 13 },
  { name: 'keeps the heavier of two words that changed places', original: 'ab longer', rewrite: 'longer ab', kept: 6 / 9 },
  { name: 'keeps a space rather than nothing', original: 'a b', rewrite: 'c d', kept: 1 / 3 },
  { name: 'does not keep half a word', original: 'cats', rewrite: 'cat', kept: 0 },
  { name: 'takes letters of any script as words', original: 'größe Ω', rewrite: 'größe Ψ', kept: 6 / 7 },
])('$name', ({ original, rewrite, kept }) => {
  expect(charactersKept(original, rewrite)).toBeCloseTo(kept);
});

test('counts lone surrogates as characters', () => {
  expect(charactersKept('a \ud800', 'a \ud800')).toBe(1);
});

test('rejects an empty original', () => {
  expect(() => charactersKept('', 'x')).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
});
