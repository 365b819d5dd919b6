import { createRandom } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { createCopyDrafter } from './copy-drafter.js';

/** Decodes `target` with drafts: passes, and tokens that were drafted in vain. */
function decode(target: readonly number[], source: readonly number[], context: readonly number[] = []): { passes: number; wrong: number; drafted: number } {
  const drafter = createCopyDrafter({ source, context });
  const totals = { passes: 0, wrong: 0, drafted: 0 };
  for (let at = 0; at < target.length; ) {
    const draft = drafter.draft(target.length - at - 1);
    const other = draft.findIndex((id, index) => id !== target[at + index]);
    const right = other < 0 ? draft.length : other;
    drafter.accept(target.slice(at, at + right + 1), draft.length);
    at += right + 1;
    totals.passes += 1;
    totals.drafted += draft.length;
    totals.wrong += draft.length - right;
  }
  return totals;
}

const words = Array.from({ length: 100 }, (_, index) => 1000 + index);

test('a copy is drafted from its first token on, in ever longer pieces', () => {
  expect(decode(words, words)).toMatchObject({ wrong: 0, passes: 7 });
});

test.each<[string, readonly number[], number]>([
  ['one token is replaced', [...words.slice(0, 50), 1, ...words.slice(51)], 12],
  ['three tokens are replaced', [...words.slice(0, 50), 1, 2, 3, ...words.slice(53)], 14],
  ['tokens are left out', [...words.slice(0, 40), ...words.slice(60)], 12],
  ['tokens are put in', [...words.slice(0, 50), 1, 2, ...words.slice(50)], 14],
  ['sentences change places', [...words.slice(50), ...words.slice(0, 50)], 15],
])('copying goes on where %s', (_what, target, most) => {
  expect(decode(target, words).passes).toBeLessThanOrEqual(most);
});

test('where a token occurs often, the place that was reached decides', () => {
  const source = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 7 : 100 + index));
  expect(decode(source, source).wrong).toBe(0);
});

test('what the text or the prompt repeats is drafted too', () => {
  const phrase = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  expect(decode([...phrase, 20, 21, ...phrase, 22, 23, ...phrase], []).passes).toBeLessThan(22);
  expect(decode(phrase, [], [50, ...phrase, 51]).passes).toBeLessThan(8);
});

describe('a text that copies nothing', () => {
  test('costs few drafts', () => {
    const random = createRandom(3);
    const target = Array.from({ length: 400 }, () => 5000 + random.integer(10_000));
    const { passes, drafted } = decode(target, words, words);
    expect(passes).toBe(400);
    expect(drafted).toBeLessThan(50);
  });

  test('costs few drafts where short pieces are equal by chance', () => {
    const random = createRandom(4);
    const draw = (): number => random.integer(4);
    const source = Array.from({ length: 100 }, draw);
    const target = Array.from({ length: 400 }, (_, index) => (index % 4 === 3 ? 9 : draw()));
    expect(decode(target, source).drafted).toBeLessThan(800);
  });
});

test('no draft is longer than it may be, nor goes on after the source', () => {
  const drafter = createCopyDrafter({ source: [1, 2, 3], context: [] });
  expect(drafter.draft(2)).toEqual([1, 2]);
  expect(drafter.draft(9)).toEqual([1, 2, 3]);
  expect(drafter.draft(0)).toEqual([]);
  drafter.accept([1, 2, 3, 4], 3);
  expect(drafter.draft(9)).toEqual([]);
  expect(createCopyDrafter({ source: [], context: [] }).draft(9)).toEqual([]);
});
