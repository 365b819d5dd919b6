import { splitSentences, type SpanScore } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { editSentences, faultySentences, type SentenceEdit } from './sentence-edits.js';

const spansOf = (response: string): SpanScore[] => splitSentences(response).map((span) => ({ ...span, misalignment: 0 }));
const remove: SentenceEdit = { type: 'delete' };
const replace = (text: string): SentenceEdit => ({ type: 'replace', text });

function edit(response: string, edits: Readonly<Record<number, SentenceEdit>>): string {
  return editSentences(response, spansOf(response), new Map(Object.entries(edits).map(([index, one]) => [Number(index), one])));
}

describe('editSentences', () => {
  test('without edits gives the very same text', () => {
    const response = '  One.  Two!\r\n\r\n- three\n\n';
    expect(edit(response, {})).toBe(response);
  });

  test.each<[string, string, Readonly<Record<number, SentenceEdit>>, string]>([
    ['a sentence in the middle', 'One.  Two. Three.\n', { 1: remove }, 'One.  Three.\n'],
    ['the first sentence', 'One. Two.\n', { 0: remove }, 'Two.\n'],
    ['the last sentence, with the white space before it', 'One. Two.\n', { 1: remove }, 'One.'],
    ['the end of a line, which stays a line', 'One. Two.\n\nThree.', { 1: remove }, 'One.\n\nThree.'],
    ['two at the end of a line', 'One. Two. Three.\r\nFour.', { 1: remove, 2: remove }, 'One.\r\nFour.'],
    ['a whole line', 'One.\n\nTwo.\n\nThree.', { 1: remove }, 'One.\n\nThree.'],
    ['an item of a list', '- One.\n- Two.\n- Three.\n', { 1: remove }, '- One.\n- Three.\n'],
    ['the end of an item', '- One. Two.\n- Three.', { 1: remove }, '- One.\n- Three.'],
    ['the start of an item, whose marker stays', '1. One. Two.\n2. Three.', { 0: remove }, '1. Two.\n2. Three.'],
    ['every sentence', 'One. Two.', { 0: remove, 1: remove }, ''],
  ])('leaves out %s', (_name, response, edits, expected) => {
    expect(edit(response, edits)).toBe(expected);
  });

  test.each<[string, string, Readonly<Record<number, SentenceEdit>>, string]>([
    ['a sentence, white space around it kept', '  One.  Two.\n\nThree.', { 0: replace('A.'), 1: replace('B.') }, '  A.  B.\n\nThree.'],
    ['an item, its marker kept', '* One.\n* Two.\n', { 1: replace('B.') }, '* One.\n* B.\n'],
    ['an item by another with a marker', '1. One.\n2. Two.', { 1: replace('3) B.') }, '1. One.\n3) B.'],
    ['one sentence and leaves others out', 'One. Two. Three. Four.', { 1: replace('B.'), 2: remove }, 'One. B. Four.'],
    ['text that looks like a pattern', 'One. Two.', { 0: replace('$& $1 \\n') }, '$& $1 \\n Two.'],
  ])('replaces %s', (_name, response, edits, expected) => {
    expect(edit(response, edits)).toBe(expected);
  });

  test('keeps the characters of every sentence that it does not edit, whatever the others', () => {
    const response = 'Dr. Who is “in”. 👍🏽 Yes!\n\n```\ncode. here\n```\n\tThen\u0000 this. \ud83d cut.\n1. a\n2. b';
    const spans = spansOf(response);
    expect(spans.length).toBeGreaterThan(5);
    for (let mask = 0; mask < 2 ** spans.length; mask++) {
      const deleted = new Map(spans.flatMap((_, index) => (mask & (1 << index) ? [[index, remove] as const] : [])));
      const result = editSentences(response, spans, deleted);
      const kept = spans.filter((_, index) => !deleted.has(index)).map(({ start, end }) => response.slice(start, end).trim());
      expect(kept.every((sentence) => result.includes(sentence))).toBe(true);
    }
  });

  test('takes time in proportion to the sentences, of which it reads each once', () => {
    const response = 'It is so. '.repeat(20_000);
    const spans = Array.from({ length: 20_000 }, (_, index) => ({ start: 10 * index, end: 10 * index + 10, misalignment: 1 }));
    const edits = new Map(spans.map((_, index) => [index, index % 2 === 0 ? remove : replace('No.')] as const));
    expect(editSentences(response, spans, edits)).toBe('No. '.repeat(10_000));
  });
});

describe('faultySentences', () => {
  const sets = (...scores: number[]): number[][] =>
    faultySentences(scores.map((misalignment, index) => ({ start: index, end: index + 1, misalignment })), 0.5);

  test.each<[string, number[], number[][]]>([
    ['no sentences', [], []],
    ['none at fault: the worst', [0.1, 0.3, 0.2], [[1]]],
    ['one at fault', [0.1, 0.9, 0.2], [[1]]],
    ['some at fault: all of them, then the worst alone', [0.6, 0.1, 0.9], [[0, 2], [2]]],
    ['one at the threshold', [0.5, 0.4], [[0]]],
    ['equal scores: the first', [0.2, 0.2], [[0]]],
    ['scores of 0: the first', [0, 0], [[0]]],
  ])('of %s', (_name, scores, expected) => {
    expect(sets(...scores)).toEqual(expected);
  });
});
