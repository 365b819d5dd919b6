import { describe, expect, test } from 'vitest';
import { diffWords, joinWords, splitWords } from './edit-words.js';

describe('the words of a text', () => {
  test.each<[string, string[]]>([
    ['One two.', [' One', ' two.']],
    ['One\n\n- two  three \n', [' One', '\n\n-', ' two', '  three \n']],
    [' One', ['  One']],
    ['\nOne', [' \nOne']],
    ['', []],
    [' \n', ['  \n']],
    ['naïve\u00a0café 👍🏽 \ud83d', [' naïve', '\u00a0café', ' 👍🏽', ' \ud83d']],
  ])('%j are %j, and joined are the text again', (text, words) => {
    expect(splitWords(text)).toEqual(words);
    expect(joinWords(words)).toBe(text);
  });
});

describe('the difference of two texts', () => {
  const gaps = (before: string, after: string) => diffWords(splitWords(before), splitWords(after));

  test.each<[string, string, string, ReturnType<typeof gaps>]>([
    ['is none between equal texts', 'a b c', 'a b c', []],
    ['is a word taken out', 'a b c', 'a c', [{ start: 1, end: 2, added: '' }]],
    ['is a word put in', 'a c', 'a b c', [{ start: 1, end: 1, added: ' b' }]],
    ['is what takes the place of words', 'a b c d', 'a x y d', [{ start: 1, end: 3, added: ' x y' }]],
    ['is what comes after the last word', 'a', 'a b', [{ start: 1, end: 1, added: ' b' }]],
    ['is what comes before the first', 'b', 'a b', [{ start: 0, end: 0, added: ' a' }]],
    ['keeps as many words as it can', 'a b c d e', 'x b d y e', [{ start: 0, end: 1, added: ' x' }, { start: 2, end: 3, added: '' }, { start: 4, end: 4, added: ' y' }]],
    ['is all of an empty text', '', 'a b', [{ start: 0, end: 0, added: ' a b' }]],
    ['is all of a text that goes', 'a b', '', [{ start: 0, end: 2, added: '' }]],
  ])('%s', (_name, before, after, expected) => {
    expect(gaps(before, after)).toEqual(expected);
  });

  test('is not looked for where two long texts share nothing', () => {
    const long = (word: string): string => `${word} `.repeat(2500);
    expect(gaps(long('a'), long('b'))).toBeUndefined();
    expect(gaps(long('a'), `${long('a')}b`)).toHaveLength(1);
  });
});
