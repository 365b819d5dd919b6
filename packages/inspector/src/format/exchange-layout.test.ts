import { describe, expect, test } from 'vitest';
import { createExchangeLayout } from './exchange-layout.js';
import { tokenizeExchange } from './tokenize-exchange.js';

// A token a word; names of tokens are their own.
const names = ['<pad>', '<s>', '</s>', '<mark>'];
const words: string[] = [];
const tokenizer = {
  encode: (text: string): number[] => text.split(/\s+/).map((word) => names.length + (words.indexOf(word) >= 0 ? words.indexOf(word) : words.push(word) - 1)),
  tokenId: (token: string): number | undefined => (names.includes(token) ? names.indexOf(token) : undefined),
};
const tokens = { pad: '<pad>', start: '<s>', separator: '</s>' };
const limits = { maxTokens: 64, promptTokens: 4, contextTokens: 16 };
const exchange = { prompt: 'Why?', context: 'It rained.', response: 'It rained. It stopped.' };
const textOf = (ids: readonly number[]): string => ids.map((id) => names[id] ?? words[id - names.length]).join(' ');

describe('a layout without markers', () => {
  const layout = createExchangeLayout(tokenizer, { tokens, limits });

  test('tells the ids of its tokens', () => {
    expect(layout.special).toEqual({ pad: 0, start: 1, separator: 2 });
  });

  test('gives the first window with the sentences of the response', () => {
    const window = layout.firstWindow(exchange);
    expect(textOf(window.ids)).toBe('<s> Why? </s> It rained. </s> It rained. It stopped. </s>');
    expect(window).toMatchObject({ markers: [], sentences: [{ start: 0, end: 11 }, { start: 11, end: 22 }], isCut: false });
  });

  test.each([
    ['the response', { response: 'It rained. '.repeat(60) }],
    ['the context', { context: 'It rained. '.repeat(60) }],
    ['the prompt', { prompt: 'Why did it rain?' + ' Why?'.repeat(9) }],
  ])('tells that %s is cut', (_part, change) => {
    const window = layout.firstWindow({ ...exchange, ...change });
    expect(window.isCut).toBe(true);
    expect(window.ids.length).toBeLessThanOrEqual(limits.maxTokens);
  });

  test('may fill its window to the last token', () => {
    const response = (count: number): string => Array.from({ length: count }, () => 'word').join(' ');
    expect(layout.firstWindow({ response: response(60) })).toMatchObject({ ids: { length: 64 }, isCut: false });
    expect(layout.firstWindow({ response: response(61) }).isCut).toBe(true);
  });

  test('gives all windows, of which the first is the first', () => {
    const long = { ...exchange, response: 'It rained. It stopped. '.repeat(40) };
    const windows = [...layout.windows(tokenizeExchange(tokenizer, long))];
    expect(windows.length).toBeGreaterThan(2);
    expect(windows.every(({ ids, markers }) => ids.length <= limits.maxTokens && markers.length === 0)).toBe(true);
    expect(layout.firstWindow(long).ids).toEqual(windows[0]?.ids);
    const laid = windows.flatMap(({ ids }) => ids.slice(7, -1)).length;
    expect(laid).toBeGreaterThanOrEqual(160);
  });

  test('of an empty response has no sentences', () => {
    expect(layout.firstWindow({ prompt: 'Why?', response: '' })).toMatchObject({ sentences: [], isCut: false });
  });
});

test('a layout with markers tells where they stand', () => {
  const layout = createExchangeLayout(tokenizer, { tokens: { ...tokens, sentence: '<mark>' }, limits });
  const { ids, markers } = layout.firstWindow(exchange);
  expect(textOf(ids)).toBe('<s> Why? </s> It rained. </s> <mark> It rained. <mark> It stopped. </s>');
  expect(markers).toEqual([{ sentence: 0, position: 6 }, { sentence: 1, position: 9 }]);
});

test.each([
  ['one that is named', { ...tokens, mask: '<mask>' }, '<mask>'],
  ['one of the default layout', undefined, '[PAD]'],
])('a tokenizer without %s is refused', (_what, wanted, missing) => {
  expect(() => createExchangeLayout(tokenizer, { tokens: wanted, limits })).toThrow(
    expect.objectContaining({ code: 'pack-invalid', message: expect.stringContaining(missing) }),
  );
});
