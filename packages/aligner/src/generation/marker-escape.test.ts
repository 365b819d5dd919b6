import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import { createMarkerEscape } from './marker-escape.js';

const { escape, unescape } = createMarkerEscape({ '[DONE]': ' ', '##Answer:': ' ', ' |': '|' });

test.each([
  ['a [DONE] b', 'a [ DONE] b'],
  ['[DONE][DONE]', '[ DONE][ DONE]'],
  ['[ DONE]', '[  DONE]'],
  ['##Answer: ###Answer:', '# #Answer: ## #Answer:'],
  ['a | b | c', 'a || b || c'],
  ['a | | b', 'a || || b'],
  ['a || b', 'a ||| b'],
  ['[done] [DON a|b', '[done] [DON a|b'],
])('%s becomes %s, and back', (text, escaped) => {
  expect(escape(text)).toBe(escaped);
  expect(unescape(escaped)).toBe(text);
});

test('no marker is left in any text, and each comes back as it was', () => {
  const random = createRandom(7);
  const parts = ['[', 'DONE]', '[DONE]', '#', '##', 'Answer:', ' ', '|', 'x', '[ DONE]', '\n'];
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: random.integer(9) }, () => parts[random.integer(parts.length)]).join('');
    const escaped = escape(text);
    for (const marker of ['[DONE]', '##Answer:', ' | ']) expect(escaped, JSON.stringify(text)).not.toContain(marker);
    expect(unescape(escaped), JSON.stringify(text)).toBe(text);
  }
});
