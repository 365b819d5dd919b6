import { expect, test } from 'vitest';
import { createMinHasher, signatureLength } from './min-hash.js';
import { createSimilarityIndex, type SimilarityIndex } from './similarity-index.js';
import { exactJaccard, madeUpQuestions } from './test-support.js';

const hasher = createMinHasher();

function signatureOf(text: string): Uint16Array {
  const signature = new Uint16Array(signatureLength);
  hasher.sign(text, signature);
  return signature;
}

function similarTo(index: SimilarityIndex, text: string): number[] {
  const items: number[] = [];
  index.visitSimilar(signatureOf(text), (item) => {
    items.push(item);
    return false;
  });
  return items;
}

test('finds each of 5,000 texts again after the arrays have grown', () => {
  const texts = [...madeUpQuestions(5000, 1)];
  const index = createSimilarityIndex();
  for (const text of texts) index.link(index.store(signatureOf(text)));
  expect(index.size).toBe(5000);
  expect(texts.filter((text, at) => !similarTo(index, text).includes(at))).toEqual([]);
});

test('an item is visited once, however many buckets it shares', () => {
  const index = createSimilarityIndex();
  index.link(index.store(signatureOf('Why is the sky blue?')));
  expect(similarTo(index, 'Why is the sky blue?')).toEqual([0]);
  expect(index.comparisons).toBe(1);
});

test('a visitor that returns true ends the search', () => {
  const index = createSimilarityIndex();
  for (let copy = 0; copy < 5; copy++) index.link(index.store(signatureOf('Why is the sky blue?')));
  let visits = 0;
  index.visitSimilar(signatureOf('Why is the sky blue?'), () => ++visits > 0);
  expect(visits).toBe(1);
});

test('only texts over the threshold are visited', () => {
  const [text, other] = ['Why is the sky so blue in the morning?', 'Why is the sky so blue in the evening?'];
  expect(exactJaccard(text, other)).toBeLessThan(0.9);
  const index = createSimilarityIndex({ threshold: 1 });
  index.link(index.store(signatureOf(text)));
  expect(similarTo(index, other)).toEqual([]);
});

test('comparisons grow no faster than the texts when all of them are copies', () => {
  const comparisonsOf = (count: number): number => {
    const index = createSimilarityIndex();
    const signature = signatureOf('Why is the sky blue?');
    for (let copy = 0; copy < count; copy++) {
      index.visitSimilar(signature, () => false);
      index.link(index.store(signature));
    }
    return index.comparisons;
  };
  expect(comparisonsOf(4000)).toBeLessThanOrEqual(4000 * 64);
  expect(comparisonsOf(8000)).toBeLessThanOrEqual(8000 * 64);
});
