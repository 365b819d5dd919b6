import { describe, expect, test } from 'vitest';
import { loadTextTokenizer } from '../tokenizer/load-tokenizer.js';
import type { TextTokenizer } from '../tokenizer/tokenizer.js';
import { createTextStream } from './text-stream.js';

const load = (family: string): Promise<TextTokenizer> => loadTextTokenizer(new URL(`../../fixtures/tokenizers/${family}/`, import.meta.url));

/** The pieces of text that come of the tokens one by one, and what comes at the end. */
function pieces(tokenizer: TextTokenizer, ids: readonly number[]): string[] {
  const stream = createTextStream(tokenizer);
  return [...ids.map((id) => stream.push(id)), stream.end()];
}

test.each(['bpe', 'unigram', 'wordpiece'])('the pieces of %s joined are the text of all tokens', async (family) => {
  const tokenizer = await load(family);
  for (const text of ['The water cycle, isn’t it?', 'a', '', '  two  spaces\n', 'naïve café 🙂👍🏽 ok']) {
    const ids = tokenizer.encode(text);
    expect(pieces(tokenizer, ids).join('')).toBe(tokenizer.decode(ids));
  }
});

describe('bytes', () => {
  test('of one character come when it is whole', async () => {
    const tokenizer = await load('bpe');
    const ids = tokenizer.encode('a🙂b');
    const found = pieces(tokenizer, ids);
    expect(ids.length).toBeGreaterThan(4);
    expect(found.filter((piece) => piece !== '')).toEqual(['a', '🙂', 'b']);
    expect(found.join('')).not.toContain('\ufffd');
  });

  test('that never become one come at the end', async () => {
    const tokenizer = await load('bpe');
    const ids = tokenizer.encode('a🙂').slice(0, -1);
    const found = pieces(tokenizer, ids);
    expect(found.slice(1, -1).join('')).toBe('');
    expect(found.at(-1)).toMatch(/^\ufffd+$/);
  });

  test('that never become one do not hold back what follows', async () => {
    const tokenizer = await load('bpe');
    const [first = 0] = tokenizer.encode('🙂');
    expect(pieces(tokenizer, [first, ...tokenizer.encode(' air')]).join('')).toBe('\ufffd air');
  });
});

test('special tokens give no text', async () => {
  const tokenizer = await load('bpe');
  const end = tokenizer.tokenId('<|im_end|>') ?? -1;
  expect(pieces(tokenizer, [end, ...tokenizer.encode('a'), end])).toEqual(['', 'a', '', '']);
});
