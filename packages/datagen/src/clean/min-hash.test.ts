import { expect, test } from 'vitest';
import { foldText } from './fold-text.js';
import { createMinHasher, signatureLength, type ShingleOptions } from './min-hash.js';
import { exactJaccard, madeUpQuestions } from './test-support.js';

function signatureOf(text: string, options: ShingleOptions & { readonly salt?: number } = {}): Uint16Array {
  const signature = new Uint16Array(signatureLength);
  createMinHasher(options).sign(text, signature, options.salt);
  return signature;
}

function estimate(a: Uint16Array, b: Uint16Array): number {
  return a.filter((value, at) => value === b[at]).length / signatureLength;
}

test('the same text has the same signature from two hashers', () => {
  expect(signatureOf('A cat sat.')).toEqual(signatureOf('A cat sat.'));
});

test.each([
  ['case', 'Why is the SKY blue'],
  ['white space', ' why  is\nthe sky blue '],
  ['sentence marks', '"Why, is the sky blue?"'],
])('%s does not change a signature', (_, text) => {
  expect(signatureOf(text)).toEqual(signatureOf('why is the sky blue'));
});

test.each(['', '?', 'a', 'ab', '??', '😀', 'なぜ', '\ud83d', 'e\u0301'])('a signature of %j is made', (text) => {
  expect(signatureOf(text)).toHaveLength(signatureLength);
});

test('texts of different salts share next to nothing', () => {
  expect(estimate(signatureOf('Why is the sky blue?', { salt: 1 }), signatureOf('Why is the sky blue?', { salt: 2 }))).toBeLessThan(0.05);
});

test('signs of calculation count', () => {
  expect(estimate(signatureOf('What is 12 + 7?'), signatureOf('What is 12 - 7?'))).toBeLessThan(0.8);
});

test('word shingles tell an order apart that word sets do not', () => {
  const [a, b] = ['dogs chase cats and birds', 'cats and birds chase dogs'];
  expect(signatureOf(a, { shingles: 'words', shingleSize: 1 })).toEqual(signatureOf(b, { shingles: 'words', shingleSize: 1 }));
  expect(estimate(signatureOf(a, { shingles: 'words' }), signatureOf(b, { shingles: 'words' }))).toBeLessThan(0.8);
});

test('the estimate is close to the exact Jaccard index, without bias', () => {
  const questions = [...madeUpQuestions(600, 3)].map(foldText);
  let error = 0;
  let squares = 0;
  for (const [at, question] of questions.entries()) {
    const other = question.slice(0, Math.floor((question.length * (at % 10)) / 10)) + (questions[at + 1] ?? '').slice(0, 40);
    const difference = estimate(signatureOf(question), signatureOf(other)) - exactJaccard(question, other);
    error += difference / questions.length;
    squares += difference ** 2 / questions.length;
  }
  expect(Math.abs(error)).toBeLessThan(0.01);
  // The deviation of 64 independent places is at most 0.0625.
  expect(Math.sqrt(squares)).toBeLessThan(0.0625);
});
