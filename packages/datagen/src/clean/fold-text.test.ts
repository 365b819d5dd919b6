import { expect, test } from 'vitest';
import { foldSpace, foldText, wordsOf } from './fold-text.js';

test.each([
  ['  Why\n is IT? ', 'why is it?'],
  ['', ''],
  ['ＡＢＣ', 'abc'],
])('folds case and space of %j', (text, expected) => {
  expect(foldSpace(text)).toBe(expected);
});

test.each([
  ['"Why, is it?"', 'why is it'],
  ['What is 12 + 7?', 'what is 12 + 7'],
  ['???', '???'],
  ['你好。', '你好'],
])('folds sentence marks of %j', (text, expected) => {
  expect(foldText(text)).toBe(expected);
});

test.each<[string, string[]]>([
  ["Don't stop, it’s 5 o'clock!", ["don't", 'stop', 'it’s', '5', "o'clock"]],
  ['你好 world', ['你', '好', 'world']],
  ['café naïve e\u0301', ['café', 'naïve', 'e\u0301']],
  ['... 😀', []],
])('the words of %j', (text, expected) => {
  expect(wordsOf(text)).toEqual(expected);
});
