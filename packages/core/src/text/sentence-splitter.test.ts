import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../random.js';
import { scanSentenceEnds } from './sentence-ends.js';
import { createSentenceSplitter } from './sentence-splitter.js';
import { createGrowingText, type TextWindow } from './text-window.js';

const pieces = [
  'Dr. ', 'It is so. ', 'No. ', '5 ', '"Go!" ', 'and ', 'U.S. ', '1. ', '- ', '\n', '\r\n', '\r', '\u2028', '\u0085', '```\n', '~~~\n',
  '```ts\n', '> ', '  ', '😀', '\ud83d', '\ude00', '\u0000', '你好。', 'مرحبا؟ ', 'x'.repeat(90), 'word '.repeat(30), ' '.repeat(70), '...', 'etc. ',
  'e.g. ', '3.14', '(so.) ', '“Why?” ', 'e\u0301. ', '👩‍👩‍👧! ', '\ufe0f', '\u200d', '𑅂', '.', '!', '𝐀', '`',
];

function randomText(random: Random): string {
  return Array.from({ length: 1 + random.integer(40) }, () => pieces[random.integer(pieces.length)]).join('');
}

function inPieces(text: string, maxLength: number, size: () => number): string[] {
  const splitter = createSentenceSplitter({ maxLength });
  const sentences: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = start + size();
    sentences.push(...splitter.push(text.slice(start, end)));
    start = end;
  }
  return [...sentences, ...splitter.end()];
}

test('where sentences end does not depend on the pieces that the text comes in', () => {
  const random = createRandom(11);
  for (let round = 0; round < 600; round += 1) {
    const text = randomText(random);
    const maxLength = random.next() < 0.5 ? 2000 : 2 + random.integer(120);
    const whole = inPieces(text, maxLength, () => text.length);
    expect(whole.join('')).toBe(text);
    for (const size of [() => 1, () => 2 + random.integer(3), () => 1 + random.integer(64)]) {
      expect(inPieces(text, maxLength, size), JSON.stringify(text)).toEqual(whole);
    }
  }
});

test('no sentence is longer than the limit, empty, or cuts a surrogate pair or CR LF', () => {
  const random = createRandom(12);
  for (let round = 0; round < 600; round += 1) {
    const text = randomText(random);
    const maxLength = 2 + random.integer(120);
    let end = 0;
    for (const sentence of inPieces(text, maxLength, () => 1 + random.integer(30))) {
      end += sentence.length;
      expect(sentence.length).toBeGreaterThan(0);
      expect(sentence.length).toBeLessThanOrEqual(maxLength);
      expect(text.slice(end - 1, end + 1)).not.toMatch(/^(?:\r\n|[\ud800-\udbff][\udc00-\udfff])$/);
    }
  }
});

describe('a sentence is given as soon as its end is certain', () => {
  test.each<[string, string, string[]]>([
    ['a capital after white space', 'It rained. W', ['It rained. ']],
    ['white space may still follow', 'It rained. ', []],
    ['a new line may still be blank', 'It rained.\n', []],
    ['a line that has text', 'It rained.\nW', ['It rained.\n']],
    ['blank lines belong to the sentence before', 'It rained.\n\n \nW', ['It rained.\n\n \n']],
    ['a title never ends a sentence', 'I met Dr. S', []],
    ['an abbreviation that waits for the next word', 'We sell nuts etc. T', []],
    ['an abbreviation that a starter follows', 'We sell nuts etc. The shop is open, so come in', ['We sell nuts etc. ']],
    ['a decimal', 'Pi is 3.1 or so', []],
    ['Chinese', '你好。再', ['你好。']],
    ['the first half of a pair', 'It rained. \ud83d', []],
    ['a whole pair that is no letter', 'It rained! \ud83d\ude00', ['It rained! ']],
    ['CR that LF may follow', 'It rained.\r', []],
    ['open code', 'Look:\n```js\na. B\n\nc.\n', ['Look:\n']],
    ['closed code', '```js\na. B\n```\nD', ['```js\na. B\n```\n']],
  ])('%s', (_, text, expected) => {
    expect(createSentenceSplitter().push(text)).toEqual(expected);
  });
});

test('too long a sentence is cut at a line end, else behind white space, else hard', () => {
  const whole = (text: string): string[] => inPieces(text, 20, () => 7);
  expect(whole('```\nlet a = 1;\nlet b = 2;\nlet c = 3;\n')).toEqual(['```\nlet a = 1;\n', 'let b = 2;\n', 'let c = 3;\n']);
  expect(whole('one two three four five six')).toEqual(['one two three four ', 'five six']);
  expect(whole('x'.repeat(45))).toEqual(['x'.repeat(20), 'x'.repeat(20), 'x'.repeat(5)]);
  expect(whole(`${'x'.repeat(19)}😀 b`)).toEqual(['x'.repeat(19), '😀 b']);
});

test('no more is held than the limit and what decides about its last character', () => {
  const splitter = createSentenceSplitter({ maxLength: 50 });
  for (let count = 0; count < 500; count += 1) {
    splitter.push('ab');
    expect(splitter.heldCharacters).toBeLessThan(50 + 64);
  }
});

describe('flush', () => {
  test.each<[string, string[], string[]]>([
    ['It rained and we', ['It rained and '], ['wewe left. ', 'Then']],
    ['Rain', [], ['Rainwe left. ', 'Then']],
    ['  ', [], ['  we left. ', 'Then']],
    ['It rained. ', ['It rained. '], ['we left. ', 'Then']],
    ['Rain\r', [], ['Rain\r', 'we left. ', 'Then']],
  ])('gives what is held of %j up to its last white space', (text, flushed, rest) => {
    const splitter = createSentenceSplitter();
    splitter.push(text);
    expect(splitter.flush()).toEqual(flushed);
    expect([...splitter.push('we left. Then'), ...splitter.end()]).toEqual(rest);
  });

  test('at any time loses and doubles nothing', () => {
    const random = createRandom(13);
    for (let round = 0; round < 300; round += 1) {
      const text = randomText(random);
      const splitter = createSentenceSplitter({ maxLength: 2 + random.integer(200) });
      const sentences: string[] = [];
      for (let start = 0; start < text.length; start += 9) {
        sentences.push(...splitter.push(text.slice(start, start + 9)));
        if (random.next() < 0.3) sentences.push(...splitter.flush());
        expect(splitter.heldCharacters).toBe(Math.min(text.length, start + 9) - sentences.join('').length);
      }
      expect([...sentences, ...splitter.end()].join('')).toBe(text);
    }
  });
});

/** Characters that the scanner reads of a text that comes in pieces of 16. */
function readCharacters(text: string): number {
  let read = 0;
  const growing = createGrowingText();
  const counting: TextWindow = {
    get length() {
      return growing.length;
    },
    get isWhole() {
      return growing.isWhole;
    },
    slice: (start, end) => {
      const slice = growing.slice(start, end);
      read += slice.length;
      return slice;
    },
    match: (pattern, start) => {
      const found = growing.match(pattern, start);
      read += (found ? found.index + found.text.length : growing.length) - start;
      return found;
    },
  };
  const scan = scanSentenceEnds(counting);
  const drain = (): void => {
    for (let step = scan.next(); step.done !== true && step.value !== 'more'; ) step = scan.next();
  };
  for (let start = 0; start < text.length; start += 16) {
    growing.push(text.slice(start, start + 16));
    drain();
  }
  growing.end();
  drain();
  return read;
}

test.each<[string, string]>([
  ['one word', 'a'],
  ['one line', 'a b '],
  ['spaces', ' '],
  ['blank lines', '\n'],
  ['full stops', '.'],
  ['abbreviations', 'Dr. '],
  ['code', '```\n'],
  ['quotes', '"'],
  ['list markers', '1.\n'],
])('%s: twice the text takes twice the reading', (_, piece) => {
  const few = readCharacters(piece.repeat(4096));
  expect(few).toBeGreaterThanOrEqual(4096);
  expect(readCharacters(piece.repeat(8192)) / few).toBeLessThan(2.1);
});

test('takes megabytes without white space in small pieces', () => {
  const sentences = inPieces('x'.repeat(5_000_000), 2000, () => 48);
  expect(sentences).toHaveLength(2500);
});
