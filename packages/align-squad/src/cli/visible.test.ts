import { expect, test } from 'vitest';
import { jsonLine, visible } from './visible.js';

test.each([
  ['an escape sequence', '\u001b[31mred', '\\x1b[31mred'],
  ['an eight-bit control', '\u009b2J', '\\x9b2J'],
  ['a carriage return', 'a\rb', 'a\\x0db'],
  ['a NUL', 'a\u0000b', 'a\\x00b'],
  ['a bidirectional override', 'a\u202eb', 'a\\u{202e}b'],
  ['a tag character', 'a\u{e0041}b', 'a\\u{e0041}b'],
  ['a lone surrogate', 'a\ud800b', 'a\\u{d800}b'],
])('%s is spelled out', (_name, text, expected) => {
  expect(visible(text)).toBe(expected);
});

test('ordinary text, newlines, tabs, accents and emoji stay as they are', () => {
  const text = 'Größe:\t10 €\n日本語 👩‍🚀';
  expect(visible(text)).toBe(text);
});

test('a JSON line parses back to the same value and holds no raw control characters', () => {
  const value = { text: 'a\u009b\u202e\u{e0041}\ud800\u001b\n' };
  const line = jsonLine(value);
  expect(JSON.parse(line)).toEqual(value);
  expect(line.slice(0, -1)).toMatch(/^[ -~]+$/);
});
