import { describe, expect, test } from 'vitest';
import { tokenizeExchange, tokenizeInSteps } from './tokenize-exchange.js';

/** A token a character, which shows what was encoded. */
const byCharacter = { encode: (text: string): number[] => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)) };
const textOf = (ids: readonly number[]): string => ids.map((id) => String.fromCharCode(id)).join('');

function tokenize(exchange: Parameters<typeof tokenizeExchange>[1]): { prompt: string; context: string; sentences: string[] } {
  const { prompt, context, sentences } = tokenizeExchange(byCharacter, exchange);
  return { prompt: textOf(prompt), context: textOf(context), sentences: sentences.map(({ ids }) => textOf(ids)) };
}

describe('tokenizeExchange', () => {
  test('encodes prompt, context and each sentence of the response without the white space around it', () => {
    expect(tokenize({ prompt: ' Why? ', context: 'It rained.\n', response: 'It rained. It stopped.\n\nWe left.' })).toEqual({
      prompt: 'Why?',
      context: 'It rained.',
      sentences: ['It rained.', 'It stopped.', 'We left.'],
    });
  });

  test('its sentences cover the whole response', () => {
    const response = '  First one. Second one!\n- third\n- fourth, e.g. this.\n\nLast';
    const { sentences } = tokenizeExchange(byCharacter, { response });
    expect(sentences.length).toBeGreaterThan(3);
    expect(sentences.map(({ start, end }) => response.slice(start, end)).join('')).toBe(response);
  });

  test('a missing prompt and a missing context have no tokens', () => {
    expect(tokenize({ response: 'Yes.' })).toEqual({ prompt: '', context: '', sentences: ['Yes.'] });
  });

  test.each(['', ' \n\t '])('a response of %j has no sentences', (response) => {
    expect(tokenize({ prompt: 'Why?', context: ' ', response })).toEqual({ prompt: 'Why?', context: '', sentences: [] });
  });

  test('a sentence that the tokenizer finds no token in is left out', () => {
    const withoutNul = { encode: (text: string) => byCharacter.encode(text.replaceAll('\0', '')) };
    expect(tokenizeExchange(withoutNul, { response: 'Yes.\n\0\nNo.' }).sentences.map(({ ids }) => textOf(ids))).toEqual(['Yes.', 'No.']);
  });

  test('a conversation becomes one line a message, led by its role', () => {
    const prompt = [{ role: 'user', content: 'Hello.' }, { role: 'assistant', content: 'Hi.' }, { role: 'user', content: 'Why?' }] as const;
    expect(tokenize({ prompt, response: 'So.' }).prompt).toBe('user: Hello.\nassistant: Hi.\nuser: Why?');
  });

  test.each([
    ['words', 'some words '.repeat(5000)],
    ['one unbroken run', 'a'.repeat(50_000)],
    ['surrogate pairs', '👍'.repeat(30_000)],
  ])('encodes a long prompt and context of %s in slices that together are the text', (_name, text) => {
    const encoded: string[] = [];
    const encode = (slice: string): number[] => {
      encoded.push(slice);
      return [1];
    };
    tokenizeExchange({ encode }, { prompt: text, response: '' });
    expect(encoded.length).toBeGreaterThan(2);
    expect(encoded.join('')).toBe(text.trim());
    expect(Math.max(...encoded.map(({ length }) => length))).toBeLessThanOrEqual(16_384);
    expect(encoded.filter((slice) => /\p{Surrogate}/u.test(slice))).toEqual([]);
  });
});

describe('tokenizeInSteps', () => {
  test('does not pause on a short exchange', () => {
    expect(tokenizeInSteps(byCharacter, { prompt: 'Why?', response: 'So. It is.' }).next().done).toBe(true);
  });

  test('pauses in proportion to the length, and ends with the tokens of `tokenizeExchange`', () => {
    const exchange = { prompt: 'why '.repeat(10_000), context: 'so '.repeat(10_000), response: 'It is so. '.repeat(10_000) };
    const steps = tokenizeInSteps(byCharacter, exchange);
    let pauses = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) pauses += 1;
    expect(pauses).toBeGreaterThanOrEqual(8);
    expect(pauses).toBeLessThanOrEqual(16);
    expect(step.value).toEqual(tokenizeExchange(byCharacter, exchange));
  });
});
