import { describe, expect, test } from 'vitest';
import { overlappingPieces, type PieceOptions } from './overlapping-pieces.js';

const cut = (text: string, options: PieceOptions): string[] => Array.from(overlappingPieces(text, options), ({ start, end }) => text.slice(start, end));
const countWords = (text: string): number => text.match(/\S+/gu)?.length ?? 0;

test.each<[string, string, string[]]>([
  ['no text', '', []],
  ['a text that fits', 'One. Two.', ['One. Two.']],
  ['short sentences', 'It rains. It snows. It hails. It blows. It shines.', ['It rains. It snows. It hails. It blows. ', 'It blows. It shines.']],
  ['a sentence that is too long', 'First it rains and then it snows and then it hails again', ['First it rains and then it snows and ', 'snows and then it hails again']],
  ['a long word', 'a'.repeat(50), ['a'.repeat(43), 'a'.repeat(13)]],
  ['emoji', '🙂'.repeat(24), ['🙂'.repeat(21), '🙂'.repeat(6)]],
])('%s is cut at ends of sentences where it can be', (_name, text, expected) => {
  expect(cut(text, { room: 44 })).toEqual(expected);
});

describe.each<[string, string]>([
  ['sentences', Array.from({ length: 90 }, (_, index) => `Sentence ${index} is one of many. `).join('')],
  ['one long sentence', 'word '.repeat(900)],
  ['no spaces', 'abcdefghij'.repeat(300)],
  ['surrogate pairs', '🙂'.repeat(700)],
  ['lone surrogates', '\udc00'.repeat(700)],
  ['lines', 'a\n\nb\r\n'.repeat(300)],
])('pieces of %s', (_name, text) => {
  test.each<[string, PieceOptions]>([['characters', { room: 120 }], ['words', { room: 12, sizeOf: countWords }], ['one character', { room: 1 }]])('by %s cover it', (_measure, options) => {
    let covered = 0;
    for (const { start, end } of overlappingPieces(text, options)) {
      expect(start).toBeLessThanOrEqual(covered);
      expect(end).toBeGreaterThan(covered);
      covered = end;
    }
    expect(covered).toBe(text.length);
  });

  test('fit', () => {
    expect(Math.max(...cut(text, { room: 120 }).map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  test('hold whole characters', () => {
    if (text.includes('🙂')) expect(cut(text, { room: 7 }).some((piece) => /\p{Surrogate}/u.test(piece))).toBe(false);
  });
});

test('of 10 MB are made as they are asked for', () => {
  let measured = 0;
  const pieces = overlappingPieces('It rains. '.repeat(1_000_000), { room: 1000, sizeOf: (text) => ((measured += text.length), text.length) });
  pieces.next();
  expect(measured).toBeLessThan(5000);
});
