import { describe, expect, test } from 'vitest';
import { editDistance } from './edit-distance.js';
import { goodSentencesKept, viewpointsKept } from './sentences.js';
import { distinctShare, tokenOverlap } from './words.js';

describe('editDistance', () => {
  test.each([
    ['', '', 0],
    ['same', 'same', 0],
    ['kitten', 'sitting', 3 / 7],
    ['abc', '', 1],
    ['abcdef', 'abXdef', 1 / 6],
    ['aa', 'aaa', 1 / 3],
    ['abab', 'ab', 1 / 2],
  ])('of %j and %j is %d either way', (before, after, distance) => {
    expect(editDistance(before, after)).toBeCloseTo(distance, 12);
    expect(editDistance(after, before)).toBeCloseTo(distance, 12);
  });
});

describe('tokenOverlap', () => {
  test.each([
    ['The cat sat.', 'the CAT sat', 1],
    ['a b c', 'a b d', 2 / 3],
    ['a a', 'a', 2 / 3],
    ['a', '...', 0],
  ])('of %j and %j is %d', (first, second, overlap) => {
    expect(tokenOverlap(first, second)).toBeCloseTo(overlap, 12);
  });
});

test('distinctShare counts distinct pairs of words among all of them', () => {
  // a b, b a, a b: two of three.
  expect(distinctShare(['a b a b'])).toBeCloseTo(2 / 3);
  expect(distinctShare(['a b', 'a b'])).toBe(0.5);
  expect(distinctShare(['a', ''])).toBeNull();
});

const original = 'Cats are mammals. Dogs are idiots. They sleep a lot.';
const reference = 'Cats are mammals. Dogs are loyal. They sleep a lot.';

test('goodSentencesKept counts the sentences that the reference keeps word for word', () => {
  expect(goodSentencesKept(original, reference, 'Cats are mammals. They nap.')).toEqual({ kept: 1, of: 2 });
  expect(goodSentencesKept(original, reference, original)).toEqual({ kept: 2, of: 2 });
});

test('viewpointsKept takes another wording for the same, down to its level', async () => {
  const rewrite = 'Cats are small mammals. They sleep a lot, mostly.';
  expect(await viewpointsKept(original, reference, rewrite, { level: 0.8 })).toEqual({ kept: 2, of: 2 });
  expect(await viewpointsKept(original, reference, rewrite, { level: 1 })).toEqual({ kept: 0, of: 2 });
});

test('viewpointsKept asks the similarity that it is given, which may take its time', async () => {
  const similarity = async (first: string, second: string): Promise<number> => (first[0] === second[0] ? 1 : 0);
  expect(await viewpointsKept(original, reference, 'Dolphins.', { similarity })).toEqual({ kept: 1, of: 3 });
});
