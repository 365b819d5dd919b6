import { createTextTokenizer, loadTextTokenizer, type TextTokenizer } from '@align-squad/onnx';
import { describe, expect, test } from 'vitest';
import { alignerTokenIds, alignerTokens, type AlignerTokenIds } from './aligner-tokens.js';
import { breakMarkers, encodeText } from './encode-text.js';
import { layoutSource, layoutTarget } from './layout-source.js';
import { layoutWords } from './layout-words.js';
import { byteTokenizerJson, createByteTokenizer } from './test-support.js';

const fixture = (family: string): Promise<TextTokenizer> => loadTextTokenizer(new URL(`../../../onnx/fixtures/tokenizers/${family}/`, import.meta.url));
const limits = { maxTokens: 200 };
const exchange = { prompt: 'Why?', context: 'Rain.', response: 'So.' };
const markersOf = ({ context, init, aligned, done }: AlignerTokenIds): (readonly number[])[] => [context, init, aligned, done];

function holds(ids: readonly number[], marker: readonly number[]): boolean {
  return ids.some((_, at) => marker.every((id, offset) => ids[at + offset] === id));
}

/** Names of tokens, bytes in one piece. */
function namesOf(ids: readonly number[], tokenizer: TextTokenizer): string {
  const names = tokenizer.specialTokens;
  return ids.map((id) => names[id] ?? tokenizer.decode([id])).join('');
}

describe('a tokenizer with the tokens of the layout', () => {
  test('lays a source out as the paper does, behind the first token', async () => {
    const tokenizer = await createByteTokenizer();
    const ids = alignerTokenIds(tokenizer);
    const laid = (change: object): string => namesOf(layoutSource(tokenizer, ids, { ...exchange, ...change }, limits) ?? [], tokenizer);
    expect(laid({})).toBe('[BOS]Why?[CONTEXT]Rain.[INIT]So.[ALIGNED]');
    expect(laid({ context: ' ' })).toBe('[BOS]Why?[INIT]So.[ALIGNED]');
    expect(laid({ prompt: undefined, context: undefined, response: ' So. \n' })).toBe('[BOS][INIT] So. \n[ALIGNED]');
    expect(laid({ prompt: [{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }] })).toContain('[BOS]user: a\nassistant: b[CONTEXT]');
    expect(namesOf(layoutTarget(tokenizer, ids, 'Not so.', limits) ?? [], tokenizer)).toBe('Not so.[DONE]');
  });

  test('leaves text as it is, which can not become a marker', async () => {
    const tokenizer = await createByteTokenizer();
    const ids = alignerTokenIds(tokenizer);
    const text = `${Object.values(alignerTokens).join(' ')} [INIT][ALIGNED]`;
    const encoded = encodeText(tokenizer, ids, text, 200) ?? [];
    expect(tokenizer.decode(encoded)).toBe(text);
    expect(markersOf(ids).filter((marker) => holds(encoded, marker))).toEqual([]);
    expect(ids.spelt).toEqual([]);
  });

  test('may have other names for them', async () => {
    const tokenizer = await createByteTokenizer(['<pad>', '<s>', '</s>', '[CONTEXT]', '[INIT]', '[ALIGNED]']);
    const ids = alignerTokenIds(tokenizer, { pad: '<pad>', start: '<s>', done: '</s>', decoderStart: '<pad>' });
    expect(ids).toMatchObject({ pad: 0, unknown: 0, start: [1], done: [2], context: [3], init: [4], aligned: [5], decoderStart: 0, spelt: [] });
  });
});

describe.each(['wordpiece', 'bpe', 'unigram'])('a %s tokenizer without the tokens of the layout', (family) => {
  const spellings = ['[INIT]', 'a[INIT]b', '[init]', '[ALIGNED] [DONE]', '[[INIT]', ' [INIT] ', '［ＩＮＩＴ］ x', '[ÍNIT]', '[INIT[INIT]]', '[DO[DONE]NE]'];

  test('spells the markers, and lays no text out as one', async () => {
    const tokenizer = await fixture(family);
    const ids = alignerTokenIds(tokenizer);
    expect(ids.spelt).toEqual(['[CONTEXT]', '[INIT]', '[ALIGNED]', '[DONE]']);
    const count = (laid: readonly number[], marker: readonly number[]): number => laid.filter((_, at) => marker.every((id, offset) => laid[at + offset] === id)).length;
    for (const text of spellings) {
      const laid = layoutSource(tokenizer, ids, { prompt: text, context: text, response: text }, limits) ?? [];
      expect([ids.context, ids.init, ids.aligned].map((marker) => count(laid, marker)), text).toEqual([1, 1, 1]);
      const target = layoutTarget(tokenizer, ids, text, limits) ?? [];
      expect(count(target, ids.done), text).toBe(1);
    }
  });
});

test('a name that the tokenizer does not have is refused', async () => {
  const tokenizer = await createByteTokenizer();
  const act = (): unknown => alignerTokenIds(tokenizer, { done: '</s>' });
  expect(act).toThrow(expect.objectContaining({ code: 'pack-invalid', message: expect.stringContaining('</s>') }));
});

test('the name of a spelt marker in a text gets a space after its first character, whatever its case', () => {
  const special = { spelt: ['[INIT]', '[DONE]'] };
  expect(breakMarkers('a [INIT] b [done], [ALIGNED] [INIT', special)).toBe('a [ INIT] b [ done], [ALIGNED] [INIT');
  expect(breakMarkers('a [INIT]', { spelt: [] })).toBe('a [INIT]');
});

test('a token of a marker that text can form counts as spelt', async () => {
  const json = byteTokenizerJson(['[PAD]']) as { added_tokens: object[]; model: { vocab: Record<string, number> } };
  json.model.vocab['[INIT]'] = 257;
  json.added_tokens.push({ id: 257, content: '[INIT]', special: false });
  const tokenizer = await createTextTokenizer(json);
  const ids = alignerTokenIds(tokenizer);
  expect([ids.init, ids.spelt.includes('[INIT]')]).toEqual([[257], true]);
  expect(tokenizer.encode('[INIT]')).toEqual([257]);
  expect(encodeText(tokenizer, ids, 'x [INIT]', 99)).not.toContain(257);
});

describe('what does not fit', () => {
  test('is not laid out', async () => {
    const tokenizer = await createByteTokenizer();
    const ids = alignerTokenIds(tokenizer);
    const source = (maxTokens: number, change: object = {}): unknown => layoutSource(tokenizer, ids, { ...exchange, ...change }, { maxTokens });
    expect([source(15), (source(16) as number[]).length]).toEqual([undefined, 16]);
    for (const part of ['prompt', 'context', 'response']) expect(source(100, { [part]: 'x'.repeat(101) }), part).toBeUndefined();
    expect([layoutTarget(tokenizer, ids, 'abc', { maxTokens: 3 }), layoutTarget(tokenizer, ids, 'abc', { maxTokens: 4 })?.length]).toEqual([undefined, 4]);
  });

  test('is told from its beginning', async () => {
    const tokenizer = await createByteTokenizer();
    let encoded = 0;
    const counted = { ...tokenizer, encode: (text: string) => ((encoded += text.length), tokenizer.encode(text)) };
    const ids = alignerTokenIds(tokenizer);
    expect(encodeText(counted, ids, 'x'.repeat(5_000_000), 1000)).toBeUndefined();
    expect(encoded).toBeLessThan(20_000);
    expect(encodeText(counted, ids, 'x'.repeat(100_000), 100_000)).toHaveLength(100_000);
  });
});

describe('the words of a response', () => {
  test('stand between the markers, each encoded on its own, with the place of its tag', async () => {
    const tokenizer = await createByteTokenizer();
    const ids = alignerTokenIds(tokenizer);
    const laid = layoutWords(tokenizer, ids, { prompt: 'Why?', words: [' It', ' is.'] }, limits);
    expect(namesOf(laid?.ids ?? [], tokenizer)).toBe('[BOS]Why?[INIT] It is.[ALIGNED]');
    expect(laid?.positions).toEqual([6, 9, 13]);
  });

  test('have a tag where the tokenizer finds no token in one', async () => {
    const tokenizer = await fixture('wordpiece');
    const ids = alignerTokenIds(tokenizer, { unknown: '[UNK]' });
    const laid = layoutWords(tokenizer, ids, { words: [' the', ' \u0007', ' air'] }, limits);
    const [first = 0, second = 0, third = 0, end = 0] = laid?.positions ?? [];
    expect([second - first, third - second, end - third]).toEqual([1, 1, 1]);
    expect(laid?.ids[second]).toBe(tokenizer.tokenId('[UNK]'));
  });

  test('may be none, and may be too many', async () => {
    const tokenizer = await createByteTokenizer();
    const ids = alignerTokenIds(tokenizer);
    expect(layoutWords(tokenizer, ids, { words: [] }, limits)).toEqual({ ids: [...ids.start, ...ids.init, ...ids.aligned], positions: [2] });
    expect(layoutWords(tokenizer, ids, { words: [' abc'] }, { maxTokens: 6 })).toBeUndefined();
    expect(layoutWords(tokenizer, ids, { words: [' abc'] }, { maxTokens: 7 })?.ids).toHaveLength(7);
  });
});
