import { expect, test } from 'vitest';
import { createStopTexts } from './stop-texts.js';

function pieces(stop: readonly string[], texts: readonly string[]): { readonly given: string[]; readonly isFound: boolean } {
  const search = createStopTexts(stop);
  return { given: [...texts.map((text) => search.push(text)), search.end()], isFound: search.isFound };
}

test.each<[string, string[], string[], string[], boolean]>([
  ['none', [], ['a', 'b'], ['a', 'b', ''], false],
  ['an empty one', [''], ['a', 'b'], ['a', 'b', ''], false],
  ['one within a piece', ['b'], ['abc', 'd'], ['a', '', ''], true],
  ['one over three pieces', ['b c d'], ['a b', ' c', ' de', 'f'], ['a ', '', '', '', ''], true],
  ['the first of two', ['yy', 'x'], ['axyy'], ['a', ''], true],
  ['one that only begins', ['END'], ['aE', 'N', 'x'], ['a', '', 'ENx', ''], false],
  ['one that begins at the end', ['END'], ['aEN'], ['a', 'EN'], false],
  ['one that begins within its own beginning', ['aab'], ['a', 'a', 'a', 'b'], ['', '', 'a', '', ''], true],
])('%s', (_, stop, texts, given, isFound) => {
  expect(pieces(stop, texts)).toEqual({ given, isFound });
});

test('text cut anywhere ends at the same place', () => {
  const text = 'so it was\n\nUser: what?';
  for (let at = 0; at <= text.length; at++) {
    const { given, isFound } = pieces(['\nUser:', 'zzz'], [text.slice(0, at), text.slice(at)]);
    expect([given.join(''), isFound]).toEqual(['so it was\n', true]);
  }
});
