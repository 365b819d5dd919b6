import { createTextTokenizer, type TextTokenizer } from '@align-squad/onnx';
import { describe, expect, test } from 'vitest';
import { byteAlphabet } from './byte-alphabet.js';
import { trainByteLevelBpe, type BpeOptions } from './train-bpe.js';

const sentences = [
  'The water cycle moves water from the sea to the sky, and back to the sea.',
  "It's the water that we drink; they've said that we'll drink it again.",
  'In 1999 and in 2024, the sea rose by 12 mm.\n\nThe water rose, too!',
];
// Words that occur once are not learned.
const texts = [...sentences, ...sentences];
const options: BpeOptions = { vocabularySize: 300, specialTokens: ['[PAD]', '[CLS]', '[SEP]'] };

interface Trained {
  readonly model: { readonly vocab: Readonly<Record<string, number>>; readonly merges: readonly string[] };
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
}

const train = (given: Partial<BpeOptions> = {}, from: readonly string[] = texts): Trained => trainByteLevelBpe(from, { ...options, ...given }) as Trained;
const load = (given: Partial<BpeOptions> = {}): Promise<TextTokenizer> => createTextTokenizer(train(given));

describe('round trip', () => {
  test.each([
    'The water cycle',
    'water',
    '  two  spaces,\tand a tab \n',
    "they've don't 'll 's",
    'naïve Ünïcödé, 日本語, мир',
    '🙂👩‍👩‍👧 and 𝒳',
    'a\0b\u200bc\ufeffd',
    '[PAD] in brackets [CLS][SEP]',
    '<|endoftext|> __proto__ constructor',
    '1234567890 3.14 -7',
    `${'x'.repeat(3000)} ${'na'.repeat(1000)}`,
  ])('%j comes back', async (text) => {
    const tokenizer = await load({ lowercase: false });
    const decoded = tokenizer.decode(tokenizer.encode(text));
    expect(decoded.trimStart()).toBe(text.normalize('NFC').trimStart());
  });

  test('upper case comes back as lower case by default', async () => {
    const tokenizer = await load();
    expect(tokenizer.decode(tokenizer.encode('The WATER Cycle')).trimStart()).toBe('the water cycle');
  });

  test('an empty text has no tokens', async () => {
    expect((await load()).encode('')).toEqual([]);
  });
});

describe('what is learned', () => {
  test('a frequent word becomes one token', async () => {
    const tokenizer = await load();
    expect(tokenizer.encode('water')).toHaveLength(1);
    expect(tokenizer.encode('qzxjk').length).toBeGreaterThan(3);
  });

  test('the most frequent pair is merged first', () => {
    expect(train({}, ['aab aab aab ab ab']).model.merges.slice(0, 2)).toEqual(['a b', 'a ab']);
  });

  test('pairs that occur equally often are merged in the order of their names', () => {
    expect(train({}, ['xy', 'xy', 'ab', 'ab']).model.merges.slice(0, 3)).toEqual(['a b', 'x y', 'Ġ ab']);
  });

  test('words that occur too rarely are left out', () => {
    const wordsOf = (minCount: number): string[] => Object.keys(train({ minCount }, ['rare rare often often often']).model.vocab);
    expect(wordsOf(3)).toContain('Ġoften');
    expect(wordsOf(3)).not.toContain('Ġrare');
    expect(wordsOf(2)).toContain('Ġrare');
  });

  test('no merge crosses the end of a word', () => {
    const merges = train({}, ['is it, is it, is it 42x']).model.merges.map((pair) => pair.replace(' ', ''));
    expect(merges.length).toBeGreaterThan(0);
    expect(merges.filter((piece) => /.Ġ|\p{L}[,\d]|[,\d]\p{L}/u.test(piece))).toEqual([]);
  });

  test('the same texts give the same file', () => {
    expect(JSON.stringify(train())).toBe(JSON.stringify(train()));
  });

  test('the order of the texts does not matter', () => {
    expect(JSON.stringify(train({}, [...texts].reverse()))).toBe(JSON.stringify(train()));
  });
});

describe('ids', () => {
  test('special tokens get the first ids in their order', async () => {
    const tokenizer = await load();
    expect(options.specialTokens.map((token) => tokenizer.tokenId(token))).toEqual([0, 1, 2]);
    expect(tokenizer.specialTokens).toEqual(options.specialTokens);
  });

  test('bytes come next, then merges', () => {
    const { vocab, merges } = train().model;
    const tokens = Object.entries(vocab).sort(([, a], [, b]) => a - b).map(([token]) => token);
    expect(tokens).toEqual([...options.specialTokens, ...byteAlphabet, ...merges.map((pair) => pair.replace(' ', ''))]);
  });

  test.each([259, 260, 300])('a vocabulary of %d tokens has that size', async (vocabularySize) => {
    expect((await load({ vocabularySize })).vocabularySize).toBe(vocabularySize);
  });

  test('a vocabulary is smaller when there is nothing left to merge', async () => {
    const { vocab } = train({ vocabularySize: 5000 }).model;
    expect(Object.keys(vocab).length).toBeLessThan(5000);
    expect(Object.values(vocab).sort((a, b) => a - b)).toEqual(Object.keys(vocab).map((_, id) => id));
  });

  test('without texts there are special tokens and bytes', async () => {
    expect(Object.keys(train({}, []).model.vocab)).toHaveLength(259);
  });
});

describe('refused options', () => {
  test.each<[string, Partial<BpeOptions>]>([
    ['a vocabulary too small for bytes and special tokens', { vocabularySize: 258 }],
    ['a vocabulary that is no number', { vocabularySize: Number.NaN }],
    ['a special token given twice', { specialTokens: ['[PAD]', '[PAD]'] }],
    ['a special token without characters', { specialTokens: [''] }],
    ['a special token that is a byte', { specialTokens: ['a'] }],
  ])('%s', (_, given) => {
    expect(() => train(given)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
  });

  test('a special token that is a learned piece', () => {
    const learned = Object.keys(train().model.vocab).at(-1) ?? '';
    expect(learned.length).toBeGreaterThan(1);
    expect(() => train({ specialTokens: [learned] })).toThrow(expect.objectContaining({ code: 'invalid-options' }));
  });

  test('the smallest vocabulary that would do is named', () => {
    expect(() => train({ vocabularySize: 10 })).toThrow(/at least 259\b/);
  });
});
