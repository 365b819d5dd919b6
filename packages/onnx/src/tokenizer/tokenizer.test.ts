import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { loadTextTokenizer } from './load-tokenizer.js';
import { createTextTokenizer, type TextTokenizer } from './tokenizer.js';

const fixtures = new URL('../../fixtures/tokenizers/', import.meta.url);
const families = ['wordpiece', 'bpe', 'unigram'] as const;

interface FixtureJson {
  added_tokens: { id: number; content: string; special: boolean }[];
  pre_tokenizer: unknown;
  model: { vocab: Record<string, number>; merges: string[]; ignore_merges?: boolean };
}

async function readFixture(family: (typeof families)[number]): Promise<FixtureJson> {
  return JSON.parse(await readFile(new URL(`${family}/tokenizer.json`, fixtures), 'utf8')) as FixtureJson;
}

function load(family: (typeof families)[number]): Promise<TextTokenizer> {
  return loadTextTokenizer(new URL(`${family}/`, fixtures));
}

function idsOf(tokenizer: TextTokenizer, tokens: readonly string[]): (number | undefined)[] {
  return tokens.map((token) => tokenizer.tokenId(token));
}

function specialIds(tokenizer: TextTokenizer): Set<number | undefined> {
  const names = tokenizer.specialTokens.filter((name) => name !== '<unk>' && name !== '[UNK]');
  return new Set(idsOf(tokenizer, names));
}

describe('pieces', () => {
  test('WordPiece splits words and marks continuations', async () => {
    const tokenizer = await load('wordpiece');
    const ids = tokenizer.encode('Aligners rewrite only the sentence.');
    const pieces = ['align', '##ers', 're', '##write', 'only', 'the', 'sentence', '.'];
    expect(ids).toEqual(idsOf(tokenizer, pieces));
    expect(ids).not.toContain(undefined);
  });

  test('BPE keeps the space before a word in its piece', async () => {
    const tokenizer = await load('bpe');
    const ids = tokenizer.encode('The water cycle');
    expect(ids).toEqual(idsOf(tokenizer, ['The', 'Ġwater', 'Ġcycle']));
    expect(ids).not.toContain(undefined);
  });

  test('Unigram chooses the most probable pieces', async () => {
    const tokenizer = await load('unigram');
    const ids = tokenizer.encode('The water cycle');
    expect(ids).toEqual(idsOf(tokenizer, ['▁The', '▁water', '▁cycle']));
    expect(ids).not.toContain(undefined);
  });

  test.each(families)('%s adds no special tokens around a text', async (family) => {
    const tokenizer = await load(family);
    const special = specialIds(tokenizer);
    expect(tokenizer.encode('only the sentence').filter((id) => special.has(id))).toEqual([]);
  });
});

describe('special tokens in a text', () => {
  test.each(families)('%s spells out every special token of its own', async (family) => {
    const tokenizer = await load(family);
    const special = specialIds(tokenizer);
    expect(special).not.toContain(undefined);
    for (const name of tokenizer.specialTokens) {
      const texts = [name, `the ${name} air`, `the${name}air`, name.repeat(3), name.toUpperCase()];
      for (const text of texts) {
        const ids = tokenizer.encode(text);
        expect(ids.length, `pieces of ${name}`).toBeGreaterThan(1);
        expect(ids.filter((id) => special.has(id)), `special ids in ${name}`).toEqual([]);
      }
    }
  });

  test('BPE text with special tokens comes back unchanged', async () => {
    const tokenizer = await load('bpe');
    const text = 'a <|im_end|><|im_start|>system\n<|endoftext|>';
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  test('Unigram does not find one that normalisation brings about', async () => {
    const tokenizer = await load('unigram');
    expect(tokenizer.encode('the＜/s＞air')).not.toContain(tokenizer.tokenId('</s>'));
  });

  test('WordPiece does not look one up as a whole word', async () => {
    const json = await readFixture('wordpiece');
    const tokenizer = await createTextTokenizer({ ...json, normalizer: null, pre_tokenizer: { type: 'WhitespaceSplit' } });
    const ids = tokenizer.encode('the [SEP] air [UNK]');
    expect(ids).not.toContain(tokenizer.tokenId('[SEP]'));
    expect(ids).toContain(tokenizer.tokenId('air'));
  });

  test('BPE that ignores merges does not look one up as a whole word', async () => {
    const json = await readFixture('bpe');
    json.model.ignore_merges = true;
    const tokenizer = await createTextTokenizer({ ...json, normalizer: null, pre_tokenizer: { type: 'WhitespaceSplit' } });
    const ids = tokenizer.encode('<|im_end|>');
    expect(ids.length).toBeGreaterThan(1);
    expect(ids).not.toContain(tokenizer.tokenId('<|im_end|>'));
  });

  test('BPE does not merge characters into one, and loses none of them', async () => {
    const json = await readFixture('bpe');
    json.model.vocab['<>'] = 397;
    json.model.merges.push('< >');
    json.added_tokens.push({ id: 397, content: '<>', special: true });
    const tokenizer = await createTextTokenizer(json);
    expect(tokenizer.encode('<>')).toEqual(idsOf(tokenizer, ['<', '>']));
  });

  test('a token that only the config names is special as well', async () => {
    const json = await readFixture('bpe');
    json.added_tokens.push({ id: 397, content: '<|pad|>', special: false });
    const tokenizer = await createTextTokenizer(json, { pad_token: { content: '<|pad|>' }, eos_token: '!' });
    expect(tokenizer.encode('<|pad|>')).not.toContain(397);
    expect(tokenizer.specialTokens).toContain('<|pad|>');
    expect(tokenizer.specialTokens).not.toContain('!');
  });

  test('an ordinary added token still works', async () => {
    const json = await readFixture('bpe');
    json.added_tokens.push({ id: 397, content: '<answer>', special: false });
    const tokenizer = await createTextTokenizer(json);
    const [sea] = tokenizer.encode('sea');
    expect(tokenizer.encode('<answer>sea<|im_end|>').slice(0, 2)).toEqual([397, sea]);
    expect(tokenizer.decode([397])).toBe('<answer>');
  });

  test('an ordinary token with the id of a special one is refused', async () => {
    const json = await readFixture('bpe');
    const id = json.model.vocab['<|im_end|>'] ?? -1;
    json.added_tokens.push({ id, content: '<answer>', special: false });
    const tokenizer = await createTextTokenizer(json);
    expect(() => tokenizer.encode('an <answer>')).toThrowError(expect.objectContaining({ code: 'model-invalid' }));
  });
});

describe('hard text', () => {
  test.each(families)('%s reads lone surrogates as U+FFFD', async (family) => {
    const tokenizer = await load(family);
    expect(tokenizer.encode('a \ud800 b \udfff')).toEqual(tokenizer.encode('a \ufffd b \ufffd'));
  });

  test.each(families)('%s takes NUL bytes, control characters and emoji', async (family) => {
    const tokenizer = await load(family);
    const ids = tokenizer.encode('the \0 air \u0007 🙂 \u202e');
    expect(ids.every((id) => Number.isInteger(id))).toBe(true);
    expect(ids.length).toBeGreaterThan(1);
  });

  test.each(families)('%s gives no ids for an empty text', async (family) => {
    const tokenizer = await load(family);
    expect(tokenizer.encode('')).toEqual([]);
  });

  test.each(families)('%s encodes a long text as it encodes its sentences', async (family) => {
    const tokenizer = await load(family);
    const sentence = ' the gas can harm you.';
    const count = Math.ceil(40_000 / sentence.length);
    const expected = Array.from({ length: count }, () => tokenizer.encode(sentence)).flat();
    expect(tokenizer.encode(sentence.repeat(count))).toEqual(expected);
  });

  test('Unigram survives a run of characters without spaces that is longer than a call has room for', async () => {
    const tokenizer = await load('unigram');
    expect(tokenizer.encode('q'.repeat(300_000)).length).toBeGreaterThan(1000);
  });

  test('a value that is not a string is refused', async () => {
    const tokenizer = await load('bpe');
    expect(() => tokenizer.encode(7 as unknown as string)).toThrowError(expect.objectContaining({ code: 'invalid-options' }));
  });
});

describe('decoding', () => {
  test('BPE gives the text back to the character', async () => {
    const tokenizer = await load('bpe');
    const text = "  It isn't   so .\n\n naïve café , 🙂\t";
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  test('WordPiece joins continuations', async () => {
    const tokenizer = await load('wordpiece');
    expect(tokenizer.decode(tokenizer.encode('Aligners rewrite only the sentence.'))).toBe('aligners rewrite only the sentence.');
  });

  test('Unigram turns its marks into spaces', async () => {
    const tokenizer = await load('unigram');
    expect(tokenizer.decode(tokenizer.encode('The water cycle'))).toBe('The water cycle');
  });

  test.each(families)('%s leaves special tokens out', async (family) => {
    const tokenizer = await load(family);
    const special = [...specialIds(tokenizer)].filter((id) => id !== undefined);
    const ids = tokenizer.encode('water');
    expect(tokenizer.decode([...special, ...ids, ...special])).toBe('water');
    expect(tokenizer.decode(special)).toBe('');
  });

  test.each([-1, 0.5, 397, Number.NaN])('the id %d outside the vocabulary is refused', async (id) => {
    const tokenizer = await load('bpe');
    expect(() => tokenizer.decode([id])).toThrowError(expect.objectContaining({ code: 'invalid-options' }));
  });
});

describe('vocabulary', () => {
  test.each([
    ['wordpiece', 188],
    ['bpe', 397],
    ['unigram', 148],
  ] as const)('%s has %d ids', async (family, size) => {
    const tokenizer = await load(family);
    expect(tokenizer.vocabularySize).toBe(size);
  });

  test('special tokens come in the order of their ids', async () => {
    const tokenizer = await load('wordpiece');
    expect(tokenizer.specialTokens).toEqual(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']);
  });

  test('a token that does not exist has no id', async () => {
    const tokenizer = await load('wordpiece');
    expect(tokenizer.tokenId('xylophone')).toBeUndefined();
  });

  test('a text of unknown characters gets the unknown token', async () => {
    const tokenizer = await load('wordpiece');
    expect(tokenizer.encode('你')).toEqual(idsOf(tokenizer, ['[UNK]']));
  });
});

describe('broken files', () => {
  test.each([
    ['nothing', undefined],
    ['a list', []],
    ['no model', { added_tokens: [] }],
    ['a vocabulary without ids', { model: { type: 'WordPiece', vocab: { a: 'x' } } }],
    ['a vocabulary without tokens', { model: { type: 'Unigram', vocab: [[1, 0]] } }],
    ['an unknown kind of pre-tokenizer', { pre_tokenizer: { type: 'Nonsense' }, model: { type: 'WordPiece', vocab: { a: 0 } } }],
  ])('%s is no tokenizer', async (_, json) => {
    await expect(createTextTokenizer(json)).rejects.toMatchObject({ code: 'model-invalid' });
  });

  test('a config with a number for a token is refused', async () => {
    await expect(createTextTokenizer(await readFixture('bpe'), { eos_token: 3 })).rejects.toMatchObject({ code: 'model-invalid' });
  });

  test('a folder without tokenizer.json is refused', async () => {
    await expect(loadTextTokenizer(fixtures)).rejects.toMatchObject({ code: 'model-invalid' });
  });
});
