import { expect, test } from 'vitest';
import { createTextTokenizer, type TextTokenizer } from '@align-squad/onnx';
import { byteTokenizerJson, createByteTokenizer } from '../format/test-support.js';
import { decodeEncoded, readRewrite, type RewriteEvent } from './read-rewrite.js';

/** What is read of a text, token by token, with `done` spelt as text; and how many tokens were taken. */
async function read(text: string, done: string, tokenizer?: TextTokenizer): Promise<{ text: string; isWhole: boolean; taken: number }> {
  tokenizer ??= await createByteTokenizer();
  const ids = tokenizer.encode(text);
  let taken = 0;
  async function* tokens(): AsyncGenerator<number> {
    for (const id of ids) {
      taken += 1;
      yield id;
    }
  }
  const events: RewriteEvent[] = [];
  for await (const event of readRewrite(tokens(), tokenizer, tokenizer.encode(done))) events.push(event);
  const last = events.at(-1);
  return {
    text: events.map((event) => (event.type === 'text' ? event.text : '')).join(''),
    isWhole: last?.type === 'end' && last.isWhole,
    taken,
  };
}

test.each<[string, string, string, boolean]>([
  ['ends at the marker', 'It rained. [DONE] more', 'It rained.', true],
  ['may be empty', ' [DONE]', '', true],
  ['is not whole without the marker', 'It rained.', 'It rained.', false],
  ['is not whole within the marker', 'It rained. [DON', 'It rained.', false],
  ['takes the beginning of a marker for text where it goes on otherwise', 'a [DO [DON [DONE]', 'a [DO [DON', true],
  ['may hold the marker broken up', 'a [ DONE] b [DONE]', 'a [ DONE] b', true],
  ['keeps characters of several bytes whole', 'naïve 👍🏽 [DONE]', 'naïve 👍🏽', true],
])('a rewrite %s', async (_name, tokens, text, isWhole) => {
  expect(await read(tokens, ' [DONE]')).toMatchObject({ text, isWhole });
});

test('no token is asked for after the marker', async () => {
  expect((await read('ab;cd', ';')).taken).toBe(3);
});

test('the space that a tokenizer puts before every text is taken away again', async () => {
  const json = { ...byteTokenizerJson(), pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: false } };
  const tokenizer = await createTextTokenizer(json);
  expect(tokenizer.decode(tokenizer.encode('Oh'))).toBe(' Oh');
  expect(await read('Oh no. [DONE]', ' [DONE]', tokenizer)).toMatchObject({ text: 'Oh no.', isWhole: true });
  expect(decodeEncoded(tokenizer, 'Oh no.')).toBe('Oh no.');
  expect(decodeEncoded(await createByteTokenizer(), ' Oh')).toBe(' Oh');
});
