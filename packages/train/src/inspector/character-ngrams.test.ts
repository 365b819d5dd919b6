import { expect, test } from 'vitest';
import { characterBuckets, characterNgrams } from './character-ngrams.js';

test('a token has all runs of 2 to 5 of its characters, its space among them', () => {
  // 3 + 2 + 1 runs of ` ab.`, and 1 of ` a`
  expect(characterNgrams(' ab.')).toHaveLength(6);
  expect(characterNgrams(' a')).toHaveLength(1);
  expect(characterNgrams('a')).toEqual([]);
  expect(characterNgrams(' abcdef')).toHaveLength(6 + 5 + 4 + 3);
});

test('words that are spelled alike share rows, in any case', () => {
  const [insult, insults] = [characterNgrams(' insult'), characterNgrams(' Insults')];
  expect(insult.every((row) => insults.includes(row))).toBe(true);
  expect(characterNgrams(' xyz').some((row) => insults.includes(row))).toBe(false);
});

test('rows are whole numbers below the number of rows, for any characters', () => {
  const rows = characterNgrams(' naïve😀ß\u0000');
  expect(rows.every((row) => Number.isInteger(row) && row >= 0 && row < characterBuckets)).toBe(true);
});
