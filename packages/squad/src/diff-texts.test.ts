import { expect, test } from 'vitest';
import { diffTexts } from './diff-texts.js';
import type { DiffPart } from './result.js';
import { seededRandom } from './test-support.js';

const without = (parts: readonly DiffPart[], type: DiffPart['type']): string =>
  parts
    .filter((part) => part.type !== type)
    .map((part) => part.text)
    .join('');

test('a changed word is one removed and one added part', () => {
  expect(diffTexts('You are a fool, sir.', 'You are a friend, sir.')).toEqual([
    { type: 'same', text: 'You are a ' },
    { type: 'removed', text: 'fool' },
    { type: 'added', text: 'friend' },
    { type: 'same', text: ', sir.' },
  ]);
});

test('equal texts are one part, and two empty ones none', () => {
  expect(diffTexts('same', 'same')).toEqual([{ type: 'same', text: 'same' }]);
  expect(diffTexts('', '')).toEqual([]);
});

const odd: [string, string, string][] = [
  ['an empty text', '', 'new words'],
  ['an emptied text', 'old words', ''],
  ['a repeated word', 'a a a', 'a a'],
  ['overlapping ends', 'x y x y x', 'x y x'],
  ['lone surrogates', 'a \ud800 b', 'a \udc00 b \ud800'],
  ['NUL bytes and carriage returns', 'a\u0000\r b\r\n', 'a\r\n\u0000 b\r'],
  ['a script without spaces', '今日は良い天気です', '今日は悪い天気です'],
];
test.each(odd)('%s can be put together again', (_name, before, after) => {
  const parts = diffTexts(before, after);
  expect(without(parts, 'added')).toBe(before);
  expect(without(parts, 'removed')).toBe(after);
});

test('random texts can be put together again, and neighbours differ in type', () => {
  const random = seededRandom(1);
  const pick = (): string => ['a', 'b', 'cd', ' ', '\n', ', ', '\ud83d\ude00'][Math.floor(random() * 7)] ?? '';
  for (let round = 0; round < 500; round += 1) {
    const before = Array.from({ length: Math.floor(random() * 12) }, pick).join('');
    const after = Array.from({ length: Math.floor(random() * 12) }, pick).join('');
    const parts = diffTexts(before, after);
    expect(without(parts, 'added')).toBe(before);
    expect(without(parts, 'removed')).toBe(after);
    expect(parts.some((part, index) => part.type === parts[index + 1]?.type)).toBe(false);
  }
});

test('texts that differ everywhere are wholly removed and added', () => {
  const words = (seed: number): string => {
    const random = seededRandom(seed);
    return Array.from({ length: 2_000 }, () => random().toString(36).slice(2, 8)).join('-');
  };
  expect(diffTexts(words(1), words(2))).toEqual([
    { type: 'removed', text: words(1) },
    { type: 'added', text: words(2) },
  ]);
});

test('a small change in five megabytes is found', () => {
  const long = 'word '.repeat(500_000);
  const parts = diffTexts(`${long}old ${long}`, `${long}new ${long}`);
  expect(parts.map((part) => part.type)).toEqual(['same', 'removed', 'added', 'same']);
  expect(parts[1]?.text).toBe('old');
});
