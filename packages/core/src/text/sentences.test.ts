import { describe, expect, test } from 'vitest';
import { maxSentenceLength } from './sentence-splitter.js';
import { splitSentences } from './sentences.js';

function sentencesOf(text: string): string[] {
  return splitSentences(text).map(({ start, end }) => text.slice(start, end));
}

describe('splits', () => {
  test.each<[string, string[]]>([
    ['It rained. We left! Why? ', ['It rained. ', 'We left! ', 'Why? ']],
    ['No sentence end here', ['No sentence end here']],
    ['   ', ['   ']],
    ['Done.  \n\n', ['Done.  \n\n']],
    ['A cat.\n\n\nA dog.', ['A cat.\n\n\n', 'A dog.']],
    ['\n\n  A cat.', ['\n\n  A cat.']],
    ['One.\r\nTwo.\r\n\r\nThree.', ['One.\r\n', 'Two.\r\n\r\n', 'Three.']],
    ['A heading\nThen text.', ['A heading\n', 'Then text.']],
    ['Hi 😀! 👩‍👩‍👧 came. Fine', ['Hi 😀! ', '👩‍👩‍👧 came. ', 'Fine']],
    ['Wait... What? Yes', ['Wait... ', 'What? ', 'Yes']],
    ['你好。再见。', ['你好。', '再见。']],
  ])('%j', (text, expected) => {
    expect(sentencesOf(text)).toEqual(expected);
  });
});

describe('keeps abbreviations, initials and decimals together', () => {
  test.each<[string, string[]]>([
    ['Dr. Smith met Mrs. Jones. They left.', ['Dr. Smith met Mrs. Jones. ', 'They left.']],
    ['Use a list, e.g. Paris and Rome. Good.', ['Use a list, e.g. Paris and Rome. ', 'Good.']],
    ['J. R. R. Tolkien wrote it. Good.', ['J. R. R. Tolkien wrote it. ', 'Good.']],
    ['Pi is 3.14159. Yes.', ['Pi is 3.14159. ', 'Yes.']],
    ['See No. 5 and Fig. 3. Then stop.', ['See No. 5 and Fig. 3. ', 'Then stop.']],
    ['No. They measure stress.', ['No. ', 'They measure stress.']],
    ['The U.S. Senate met. It voted.', ['The U.S. Senate met. ', 'It voted.']],
    ['It opens at 9 a.m. The shop is big.', ['It opens at 9 a.m. ', 'The shop is big.']],
    ['Eat vitamin C. It helps.', ['Eat vitamin C. ', 'It helps.']],
    ['Bring milk, eggs, etc.\nThen bake.', ['Bring milk, eggs, etc.\n', 'Then bake.']],
    ['We met on Jan. 5 in Mt. Vernon. Ok.', ['We met on Jan. 5 in Mt. Vernon. ', 'Ok.']],
  ])('%j', (text, expected) => {
    expect(sentencesOf(text)).toEqual(expected);
  });
});

describe('keeps lists, quotes and fenced code in shape', () => {
  test.each<[string, string[]]>([
    ['1. First. More.\n2. Second\n', ['1. First. ', 'More.\n', '2. Second\n']],
    ['- One\n* Two\n• Three', ['- One\n', '* Two\n', '• Three']],
    ['1.\n\nText.', ['1.\n\nText.']],
    ['He said "Stop!" and left. Then he ran.', ['He said "Stop!" and left. ', 'Then he ran.']],
    ['He said "Go." Then he left.', ['He said "Go." ', 'Then he left.']],
    ['Look:\n```js\na. B. C\n\nd\n```\nDone. Ok.', ['Look:\n', '```js\na. B. C\n\nd\n```\n', 'Done. ', 'Ok.']],
    ['~~~\n```\nA. B.\n~~~\nDone.', ['~~~\n```\nA. B.\n~~~\n', 'Done.']],
    ['> ```\n> A. B.\n> ```\nDone.', ['> ```\n> A. B.\n> ```\n', 'Done.']],
    ['Text.\n```\nA. B. C. D', ['Text.\n', '```\nA. B. C. D']],
    ['```a``` is code. Yes.', ['```a``` is code. ', 'Yes.']],
    ['Type ``` here. Yes.', ['Type ``` here. ', 'Yes.']],
  ])('%j', (text, expected) => {
    expect(sentencesOf(text)).toEqual(expected);
  });
});

test('an empty text has no sentences', () => {
  expect(splitSentences('')).toEqual([]);
});

const pieces = [
  'Dr. ', 'It is so. ', 'No. ', '5 ', '"Go!" ', 'and ', 'U.S. ', '1. ', '- ', '\n', '\r\n', '\r', '\u2028', '\u0085', '```\n', '~~~\n',
  '> ', '  ', '😀', '\ud83d', '\ude00', '\u0000', '你好。', 'x'.repeat(700), 'word '.repeat(150), '[SEP] ', '\u00a0', '\ufeff',
];

/** Texts from a small linear congruential generator, so that every run sees the same ones. */
function randomTexts(count: number): string[] {
  let state = 7;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () => Array.from({ length: 1 + next(30) }, () => pieces[next(pieces.length)]).join(''));
}

test('spans cover any text without gaps or overlap', () => {
  for (const text of randomTexts(400)) {
    const spans = splitSentences(text);
    expect(spans.map(({ start }) => start)).toEqual([0, ...spans.slice(0, -1).map(({ end }) => end)]);
    expect(spans.at(-1)?.end).toBe(text.length);
    expect(spans.every(({ start, end }) => end > start)).toBe(true);
  }
});

test('no span of any text is too long or cuts a surrogate pair', () => {
  for (const text of [...randomTexts(400), 'a' + '😀'.repeat(3000), '😀'.repeat(3000), 'x'.repeat(1999) + '\r\n\r\n']) {
    for (const { start, end } of splitSentences(text)) {
      expect(end - start).toBeLessThanOrEqual(maxSentenceLength);
      expect(/[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(end - 1, end + 1))).toBe(false);
    }
  }
});

test('a long sentence is cut after white space', () => {
  const sentences = sentencesOf('lorem '.repeat(1000));
  expect(sentences.length).toBeGreaterThanOrEqual(3);
  expect(sentences.every((sentence) => sentence.startsWith('lorem') && sentence.endsWith(' '))).toBe(true);
});

test('a long word is cut at the limit', () => {
  expect(splitSentences('a'.repeat(4500)).map(({ end }) => end)).toEqual([2000, 4000, 4500]);
});

test('a sentence at the limit is not cut', () => {
  expect(splitSentences(`${'a'.repeat(maxSentenceLength - 1)}.`)).toHaveLength(1);
});

const million = 1_000_000;

// Quadratic time would take minutes, far over the runner's limit.
test.each<[string, string]>([
  ['one letter', 'a'.repeat(5 * million)],
  ['an unclosed fence', `\`\`\`\n${'A. B\n'.repeat(million)}`],
  ['fences', '```\r'.repeat(million)],
  ['abbreviations', 'Dr. '.repeat(million / 4)],
  ['short sentences', 'It is. '.repeat(million / 7)],
  ['blank lines', '\n'.repeat(million)],
  ['full stops', '.'.repeat(5 * million)],
  ['spaces', ' '.repeat(5 * million)],
])('splits megabytes of %s to their end', (_, text) => {
  expect(splitSentences(text).at(-1)?.end).toBe(text.length);
});
