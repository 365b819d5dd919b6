import type { Pack } from '@align-squad/onnx';
import { describe, expect, test } from 'vitest';
import { loadBank, type Bank } from './bank.js';
import type { SentenceEditsManifest } from './manifest.js';

const manifest: SentenceEditsManifest = {
  criteria: ['ethical', 'helpful'],
  embedder: 'embedder.onnx',
  tokenizer: 'tokenizer.json',
  bank: 'bank.json',
  vectors: 'bank.bin',
  width: 2,
  sentenceThresholds: { ethical: 0.5, helpful: 0.5 },
  leastSimilarity: { sentence: 0, response: 0 },
};

const replacements = [
  { kind: 'sentence', criterion: 'ethical', text: 'east' },
  { kind: 'sentence', criterion: 'ethical', text: 'north-east' },
  { kind: 'sentence', criterion: 'helpful', text: 'helpful east' },
  { kind: 'response', criterion: 'ethical', text: 'whole east' },
  { kind: 'sentence', criterion: 'ethical', text: 'west' },
];
const vectors = Int8Array.of(127, 0, 90, 90, 127, 0, 127, 0, -127, 0);

/** A bank out of files with this content. */
function load(bank: unknown = { replacements }, bytes: Int8Array = vectors): Promise<Bank> {
  const pack: Pick<Pack, 'readBytes' | 'readJson'> = {
    readJson: async () => bank,
    // As read from a file, whose bytes may start anywhere in their buffer.
    readBytes: async () => new Uint8Array(new Uint8Array([9, ...new Uint8Array(bytes.buffer)]).buffer, 1),
  };
  return loadBank(pack as Pack, manifest);
}

const east = Float32Array.of(1, 0);
const all = { kind: 'sentence', leastSimilarity: -1, count: 9 } as const;
const texts = (bank: Bank, query: Parameters<Bank['search']>[1]): string[] => bank.search(east, query).map(({ text }) => text);

describe('a search', () => {
  test('gives the nearest first', async () => {
    expect(texts(await load(), { ...all, criterion: 'ethical' })).toEqual(['east', 'north-east', 'west']);
  });

  test('tells the cosine', async () => {
    const similarities = (await load()).search(east, { ...all, criterion: 'ethical' }).map(({ similarity }) => similarity);
    expect(similarities).toEqual([1, expect.closeTo(Math.SQRT1_2, 2), -1]);
  });

  test('gives only what is near enough', async () => {
    expect(texts(await load(), { ...all, criterion: 'ethical', leastSimilarity: 0.9 })).toEqual(['east']);
  });

  test('gives no more than asked for', async () => {
    expect(texts(await load(), { ...all, criterion: 'ethical', count: 2 })).toEqual(['east', 'north-east']);
  });

  test('keeps to the criterion, where one is given', async () => {
    expect(texts(await load(), { ...all, criterion: 'helpful' })).toEqual(['helpful east']);
  });

  test('takes any criterion where none is given', async () => {
    expect(texts(await load(), { ...all, leastSimilarity: 0.9 })).toEqual(['east', 'helpful east']);
  });

  test('keeps to the kind', async () => {
    expect(texts(await load(), { ...all, kind: 'response' })).toEqual(['whole east']);
  });

  test('for a text without tokens finds nothing that is near', async () => {
    expect((await load()).search(new Float32Array(2), { ...all, leastSimilarity: 0.1 })).toEqual([]);
  });

  test('of an empty bank finds nothing', async () => {
    expect(texts(await load({ replacements: [] }, new Int8Array(0)), all)).toEqual([]);
  });
});

test.each<[string, unknown, Int8Array]>([
  ['no list', {}, vectors],
  ['another kind', { replacements: [{ kind: 'word', criterion: 'ethical', text: 'secret' }] }, vectors.slice(0, 2)],
  ['an empty text', { replacements: [{ kind: 'sentence', criterion: 'ethical', text: '' }] }, vectors.slice(0, 2)],
  ['an unknown key', { replacements: [{ kind: 'sentence', criterion: 'ethical', text: 'secret', more: 1 }] }, vectors.slice(0, 2)],
  ['too few vectors', { replacements }, vectors.slice(2)],
  ['half a vector too much', { replacements }, Int8Array.of(...vectors, 1)],
])('a bank with %s is refused', async (_name, bank, bytes) => {
  const error = await load(bank, bytes).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'AlignSquadError', code: 'pack-invalid', message: expect.not.stringContaining('secret') });
});
