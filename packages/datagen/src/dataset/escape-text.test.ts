import { expect, test } from 'vitest';
import { escapeMarkdown, quoteYaml } from './escape-text.js';

test.each([
  ['meta-llama/Llama-3.1-8B', 'meta-llama/Llama-3.1-8B'],
  ['a*b_c|d', 'a\\*b\\_c\\|d'],
  ['a\r\n\u0000b\u202ec', 'a b c'],
  ['see www.a.b or me@a.b', 'see www\\.a.b or me\\@a.b'],
])('%j is shown in Markdown as it is', (text, escaped) => {
  expect(escapeMarkdown(text)).toBe(escaped);
});

test.each([
  ['a: #b "c" \\', '"a: #b \\"c\\" \\\\"'],
  ['a\nb\u0085c\u2028d', '"a b c d"'],
  ['a\uffffb\ud800', '"a\\uffffb\\ud800"'],
])('%j is one line of YAML', (text, quoted) => {
  expect(quoteYaml(text)).toBe(quoted);
});
