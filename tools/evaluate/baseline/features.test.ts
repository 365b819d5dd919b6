import { expect, test } from 'vitest';
import { densePositions, ngramFeatures } from './features.js';

const buckets = 2 ** 16;
const hashed = (exchange: { prompt?: string; context?: string; response: string }): number[] =>
  [...ngramFeatures(exchange, buckets).indices].filter((index) => index >= densePositions);

test('sees uni-, bi- and trigrams with the start and end of the response', () => {
  // Framed: <start> a b <end> gives 4 + 3 + 2.
  expect(hashed({ response: 'A b' })).toHaveLength(9);
});

test('tells a word of the prompt from the same word of the response', () => {
  const alone = hashed({ response: 'a b' });
  expect(hashed({ prompt: 'a', response: 'a b' })).toHaveLength(alone.length + 1);
});

test('sees what the context lacks', () => {
  const grounded = hashed({ context: 'it costs 5 euros', response: 'it costs 5 euros' });
  const ungrounded = hashed({ context: 'it costs 5 euros', response: 'it costs 7 euros' });
  expect(ungrounded.length).toBeGreaterThan(grounded.length);
});

test('gives texts of any length the same weight', () => {
  const weight = (response: string): number => {
    const { indices, values } = ngramFeatures({ response }, buckets);
    return Math.hypot(...[...values].filter((_, at) => (indices[at] ?? 0) >= densePositions));
  };
  expect(weight('one two three')).toBeCloseTo(weight('one two three four five six seven eight nine ten'), 3);
});

test.each(['', ' \n', '!?', '\u0000', '\ud800'])('stays finite and in range on the odd response %j', (response) => {
  const { indices, values } = ngramFeatures({ prompt: response, context: response, response }, 8);
  expect(values.every(Number.isFinite)).toBe(true);
  expect(Math.max(...indices)).toBeLessThan(densePositions + 8);
});
