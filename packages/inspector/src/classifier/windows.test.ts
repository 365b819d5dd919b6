import { describe, expect, test } from 'vitest';
import { classifierWindows } from './windows.js';
import type { ClassifierInput } from './load-classifier.js';

const words = (text = ''): string[] => text.match(/\S+/gu) ?? [];
/** Counts words, and two tokens a frame and one between two texts. */
const counting = {
  countTokens: ({ first, second }: ClassifierInput, { withFrame } = { withFrame: true }): number =>
    words(first).length + words(second).length + (withFrame ? 2 : 0) + (withFrame && second !== undefined ? 1 : 0),
};
const sentences = (count: number): string => Array.from({ length: count }, (_, index) => `Sentence ${index} is like the others. `).join('');

test('a response that fits is one window, word for word', () => {
  const response = ` ${sentences(2)}\n`;
  expect([...classifierWindows(counting, response, { maxTokens: 14 })]).toEqual([{ first: response }]);
  expect([...classifierWindows(counting, 'Two words.', { maxTokens: 14, prompt: 'Who?' })]).toEqual([{ first: 'Who?', second: 'Two words.' }]);
});

describe.each<[string, string | undefined]>([['without a prompt', undefined], ['with a prompt', 'Who is like the others?']])('a long response %s', (_name, prompt) => {
  const response = sentences(60);
  const windows = [...classifierWindows(counting, response, { maxTokens: 40, prompt })];
  const texts = windows.map(({ first, second }) => second ?? first);

  test('is covered by windows that fit and overlap', () => {
    expect(windows.length).toBeGreaterThan(5);
    expect(Math.max(...windows.map((window) => counting.countTokens(window)))).toBeLessThanOrEqual(40);
    let covered = 0;
    for (const text of texts) {
      const start = response.indexOf(text);
      expect(start).toBeGreaterThanOrEqual(0);
      if (covered > 0) expect(start).toBeLessThan(covered);
      covered = start + text.length;
    }
    expect(covered).toBe(response.length);
  });
});

test('of a long prompt the start and the end are kept, and half of a window is left to the response', () => {
  const [window] = classifierWindows(counting, sentences(3), { maxTokens: 43, prompt: `First ${'word '.repeat(500_000)} last` });
  expect(window?.first).toMatch(/^First .*… .*last$|^First .*….* last$/u);
  expect(words(window?.first).length).toBeLessThanOrEqual(20);
  expect(words(window?.first).length).toBeGreaterThan(10);
  expect(window?.second).toBe(sentences(3));
});

test('a piece whose tokens are more than those of its sentences is cut again', () => {
  const greedy = { countTokens: (input: ClassifierInput, options?: { readonly withFrame: boolean }): number => counting.countTokens(input, options) * (words(input.first).length > 12 ? 2 : 1) };
  const windows = [...classifierWindows(greedy, sentences(20), { maxTokens: 30 })];
  expect(Math.max(...windows.map((window) => greedy.countTokens(window)))).toBeLessThanOrEqual(30);
});

test('a limit that holds no text is refused', () => {
  const act = (): unknown => [...classifierWindows({ countTokens: ({ first }) => first.length + 8 }, 'a', { maxTokens: 8 })];
  expect(act).toThrow(expect.objectContaining({ code: 'model-invalid', message: expect.stringContaining('maxTokens') }));
});
