import { createRandom } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { applyEditTags, countEditTags, editOperation, learnPhrases, toEditTags } from './edit-tags.js';
import { splitWords } from './edit-words.js';

const { keep, delete: remove } = editOperation;
const phrases = [' not', ' A', ' at all.'];

describe('tags', () => {
  test.each<[string, string, string, number[]]>([
    ['keep what stays', 'It is so.', 'It is so.', [keep, keep, keep, keep]],
    ['delete what goes', 'It is very so.', 'It is so.', [keep, keep, remove, keep, keep]],
    ['put a phrase before a word', 'It is so.', 'It is not so.', [keep, keep, keep + 2, keep]],
    ['put a phrase in the place of a word', 'The cat sat.', 'A cat sat.', [remove + 4, keep, keep, keep]],
    ['put a phrase after the last word', 'It is not so', 'It is not so at all.', [keep, keep, keep, keep, keep + 6]],
    ['delete all of a text', 'It is.', '', [remove, remove, keep]],
    ['make a text of an empty one', '', 'A', [keep + 4]],
  ])('%s', (_name, before, after, tags) => {
    expect(toEditTags(before, after, phrases)).toEqual({ words: splitWords(before), tags });
    expect(applyEditTags(splitWords(before), tags, phrases)).toBe(after);
  });

  test.each([
    ['a phrase that is not known', 'It is so.', 'It is never so.'],
    ['a phrase that is known with other white space', 'It is so.', 'It is\nnot so.'],
  ])('do not express %s', (_name, before, after) => {
    expect(toEditTags(before, after, phrases)).toBeUndefined();
  });

  test('of equal texts keep every word, whatever they hold', () => {
    for (const text of ['', ' ', '\n', 'a', ' a ', '\n- a\n- b\n', '👩‍👩‍👧 \ud83d x', 'a\u00a0b\tc', 'one\0two']) {
      const edited = toEditTags(text, text, []);
      expect(edited?.tags).toEqual(new Array(splitWords(text).length + 1).fill(keep));
      expect(applyEditTags(edited?.words ?? [], edited?.tags ?? [], [])).toBe(text);
    }
  });

  test('that a model makes up are harmless', () => {
    const words = splitWords('One two.');
    expect(applyEditTags(words, [], phrases)).toBe('One two.');
    expect(applyEditTags(words, [99, 2_000_000, 1], phrases)).toBe(' two.'.trimStart());
  });

  test('are as many as the phrases make', () => {
    expect([countEditTags(0), countEditTags(3)]).toEqual([2, 8]);
  });
});

test('of any two texts lead from one to the other wherever they are defined', () => {
  const random = createRandom(5);
  const pieces = ['a', 'b', 'Stop.', '👍🏽', 'é', ' ', '  ', '\n', '\n\n', '\t', '- ', '\ud83d'];
  const text = (): string => Array.from({ length: random.integer(12) }, () => pieces[random.integer(pieces.length)]).join(random.integer(3) ? ' ' : '');
  const pairs = Array.from({ length: 500 }, () => ({ before: text(), after: text() }));
  const learnt = learnPhrases(pairs, 10_000);
  let defined = 0;
  for (const { before, after } of pairs) {
    const edited = toEditTags(before, after, learnt);
    if (!edited) continue;
    defined += 1;
    expect(edited.tags).toHaveLength(edited.words.length + 1);
    expect(Math.max(...edited.tags)).toBeLessThan(countEditTags(learnt.length));
    expect(applyEditTags(edited.words, edited.tags, learnt)).toBe(after);
  }
  expect(defined / pairs.length).toBeGreaterThan(0.95);
});

describe('phrases that are learnt', () => {
  test('are those that corrections add most often', () => {
    const pairs = [
      { before: 'It is so.', after: 'It is not so.' },
      { before: 'I do.', after: 'I do not.' },
      { before: 'Go there.', after: 'Do not go there.' },
      { before: 'We are so.', after: 'We are not so.' },
    ];
    expect(learnPhrases(pairs, 1)).toEqual([' not']);
    expect(learnPhrases(pairs, 9)).toEqual([' not', ' Do not go', ' do not.'].sort((a, b) => (a === ' not' ? -1 : b === ' not' ? 1 : a < b ? -1 : 1)));
  });

  test('are none where nothing is added', () => {
    expect(learnPhrases([{ before: 'a b', after: 'a' }, { before: 'a', after: 'a' }], 5)).toEqual([]);
    expect(learnPhrases([], 5)).toEqual([]);
    expect(learnPhrases([{ before: 'a', after: 'a b' }], 0)).toEqual([]);
  });
});
