import { describe, expect, test } from 'vitest';
import { layoutWindows, type TokenWindow, type WindowLimits } from './layout-windows.js';
import type { ExchangeTokens } from './tokenize-exchange.js';

const special = { pad: 0, start: 1, separator: 2, sentence: 3, mask: 4, firstText: 10 };
const limits: WindowLimits = { maxTokens: 100, promptTokens: 10, contextTokens: 30 };
const range = (from: number, length: number): number[] => Array.from({ length }, (_, at) => from + at);

interface Sizes {
  readonly prompt?: number;
  readonly context?: number;
  readonly sentences: readonly number[];
}

/** Tokens that are all different: the prompt from 1,000,000, the context from 2,000,000, the response from 10. */
function tokensOf({ prompt = 0, context = 0, sentences }: Sizes): ExchangeTokens {
  let next = special.firstText;
  const laid = sentences.map((length, index) => {
    const ids = range(next, length);
    next += length;
    return { start: index, end: index + 1, ids };
  });
  return { prompt: range(1_000_000, prompt), context: range(2_000_000, context), sentences: laid };
}

const layout = (sizes: Sizes, within = limits): TokenWindow[] => [...layoutWindows(tokensOf(sizes), special, within)];
const isContext = (id: number): boolean => id >= 2_000_000;
const isResponse = (id: number): boolean => id >= special.firstText && id < 1_000_000;
const held = (windows: readonly TokenWindow[], keep: (id: number) => boolean): Set<number> =>
  new Set(windows.flatMap(({ ids }) => ids.filter(keep)));

describe('what fits in one window', () => {
  test('is laid out as start, prompt, context and marked sentences', () => {
    expect(layout({ prompt: 2, context: 1, sentences: [2, 1] })).toEqual([
      {
        ids: [1, 1_000_000, 1_000_001, 2, 2_000_000, 2, 3, 10, 11, 3, 12, 2],
        markers: [{ sentence: 0, position: 6 }, { sentence: 1, position: 9 }],
        stretch: 0,
      },
    ]);
  });

  test('keeps all separators where prompt and context are missing', () => {
    expect(layout({ sentences: [1] })).toEqual([{ ids: [1, 2, 2, 3, 10, 2], markers: [{ sentence: 0, position: 3 }], stretch: 0 }]);
  });

  test('is one window without markers where the response is empty', () => {
    expect(layout({ prompt: 1, sentences: [] })).toEqual([{ ids: [1, 1_000_000, 2, 2, 2], markers: [], stretch: 0 }]);
  });

  test('takes more context than its share where the response is short', () => {
    expect(layout({ context: 80, sentences: [10] })).toHaveLength(1);
  });

  test('may fill the window to the last token', () => {
    const [window, ...more] = layout({ sentences: [95] });
    expect([window?.ids.length, more.length]).toEqual([100, 0]);
  });
});

test('a long prompt keeps its head and its tail', () => {
  const [window] = layout({ prompt: 50, sentences: [1] });
  expect(window?.ids.slice(1, 11)).toEqual([...range(1_000_000, 5), ...range(1_000_045, 5)]);
});

describe('a long response', () => {
  test('becomes stretches that start with the last sentence of the one before, where that is short', () => {
    const windows = layout({ sentences: Array.from({ length: 12 }, () => 19) });
    const sentences = windows.map(({ markers }) => markers.map(({ sentence }) => sentence));
    expect(sentences).toEqual([[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9], [9, 10, 11]]);
    expect(windows.map(({ stretch }) => stretch)).toEqual([0, 1, 2, 3]);
  });

  test('does not repeat a sentence that is long', () => {
    const sentences = layout({ sentences: [60, 60] }).map(({ markers }) => markers.map(({ sentence }) => sentence));
    expect(sentences).toEqual([[0], [1]]);
  });

  test('of one giant sentence becomes overlapping pieces of that sentence', () => {
    const windows = layout({ sentences: [300] });
    expect(windows.length).toBeGreaterThan(3);
    expect(new Set(windows.flatMap(({ markers }) => markers.map(({ sentence }) => sentence)))).toEqual(new Set([0]));
    expect(held(windows, isResponse).size).toBe(300);
    const [first = [], second = []] = windows.map(({ ids }) => ids.filter(isResponse));
    expect(first.filter((id) => second.includes(id))).toHaveLength(32);
  });
});

describe('a long context', () => {
  test('that makes three parts is laid out whole, each part with the whole response', () => {
    const windows = layout({ prompt: 4, context: 100, sentences: [20, 20] });
    expect(windows.length).toBe(3);
    expect(held(windows, isContext).size).toBe(100);
    for (const window of windows) expect(held([window], isResponse).size).toBe(40);
    expect(new Set(windows.map(({ stretch }) => stretch))).toEqual(new Set([0]));
  });

  test('meets every stretch of a long response', () => {
    const windows = layout({ prompt: 20, context: 200, sentences: [30, 40, 50, 300, 5] });
    const stretches = [...new Set(windows.map(({ stretch }) => stretch))];
    const contextOf = (asked: number): number => held(windows.filter(({ stretch }) => stretch === asked), isContext).size;
    expect(stretches.length).toBeGreaterThan(3);
    for (const stretch of stretches) {
      expect(contextOf(stretch)).toBeGreaterThanOrEqual(60);
      expect(windows.filter((window) => window.stretch === stretch).length).toBeLessThanOrEqual(3);
    }
    expect(held(windows, isResponse).size).toBe(425);
  });
});

test('windows of any sizes stay within the limit, lose nothing of the response and mark where their sentences stand', () => {
  let state = 42;
  const random = (bound: number): number => (state = (state * 48_271) % 2_147_483_647) % bound;
  for (let round = 0; round < 80; round++) {
    const promptTokens = 1 + random(40);
    const contextTokens = 1 + random(80);
    const within = { promptTokens, contextTokens, maxTokens: promptTokens + contextTokens + 32 + random(100) };
    const sentences = Array.from({ length: 1 + random(9) }, () => 1 + random(round % 5 === 0 ? 300 : 30));
    const sizes = { prompt: random(100), context: random(200), sentences };
    const windows = layout(sizes, within);
    expect(Math.max(...windows.map(({ ids }) => ids.length))).toBeLessThanOrEqual(within.maxTokens);
    expect(held(windows, isContext).size > 0).toBe(sizes.context > 0);
    expect(held(windows, isResponse).size).toBe(sentences.reduce((sum, size) => sum + size, 0));
    expect(windows.every(({ ids, markers }) => markers.every(({ position }) => ids[position] === special.sentence))).toBe(true);
    expect(new Set(windows.flatMap(({ markers }) => markers.map(({ sentence }) => sentence))).size).toBe(sentences.length);
  }
});

describe('a million tokens', () => {
  const within = { maxTokens: 320, promptTokens: 64, contextTokens: 160 };

  test.each<[string, Sizes]>([
    ['a response of ordinary sentences', { sentences: Array.from({ length: 50_000 }, () => 20) }],
    ['a response of one-token sentences and their markers', { sentences: Array.from({ length: 500_000 }, () => 1) }],
    ['one sentence', { sentences: [1_000_000] }],
  ])('of %s takes windows in proportion', (_name, sizes) => {
    let tokens = 0;
    for (const { ids } of layoutWindows(tokensOf(sizes), special, within)) tokens += ids.length;
    expect(tokens).toBeGreaterThan(1_000_000);
    expect(tokens).toBeLessThan(6_000_000);
  });

  test('of context takes three windows', () => {
    expect([...layoutWindows(tokensOf({ context: 1_000_000, sentences: [20] }), special, within)]).toHaveLength(3);
  });

  test('of both response and context is laid out window by window, as it is asked for', () => {
    const sizes = { context: 1_000_000, sentences: Array.from({ length: 50_000 }, () => 20) };
    const windows = layoutWindows(tokensOf(sizes), special, within);
    const first = [windows.next().value, windows.next().value];
    expect(first.map((window) => window?.stretch)).toEqual([0, 0]);
  });
});
