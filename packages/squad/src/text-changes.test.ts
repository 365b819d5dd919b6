import { expect, test } from 'vitest';
import type { TextChange } from './result.js';
import { seededRandom } from './test-support.js';
import { textChanges } from './text-changes.js';

const loneSurrogate = /\p{Cs}/u;

function rebuild(original: string, response: string, changes: readonly TextChange[]): string {
  let text = '';
  let at = 0;
  for (const change of changes) {
    text += original.slice(at, change.original.start) + response.slice(change.response.start, change.response.end);
    at = change.original.end;
  }
  return text + original.slice(at);
}

test('a change is told by its offsets in both texts', () => {
  expect(textChanges('You are a fool, sir.', 'You are a dear friend, sir.')).toEqual([
    { original: { start: 10, end: 14 }, response: { start: 10, end: 21 } },
  ]);
});

test('what was only added or removed is empty on the other side', () => {
  expect(textChanges('one three', 'one two three')).toEqual([
    { original: { start: 4, end: 4 }, response: { start: 4, end: 8 } },
  ]);
  expect(textChanges('one two three', 'one three')).toEqual([
    { original: { start: 4, end: 8 }, response: { start: 4, end: 4 } },
  ]);
});

test('equal texts have no changes', () => {
  expect(textChanges('same', 'same')).toEqual([]);
});

test('random texts can be rebuilt; changes are in order, apart, and cut no surrogate pair', () => {
  const random = seededRandom(3);
  const pieces = ['a', 'b', 'cd', ' ', ' ', '\n', ', ', '\ud83d\ude00', '\ud83d\ude01', '\u5929\u6c17'];
  const pick = (): string => pieces[Math.floor(random() * pieces.length)] ?? '';
  for (let round = 0; round < 1_000; round += 1) {
    const [original = '', response = ''] = [0, 1].map(() => Array.from({ length: random() * 14 }, pick).join(''));
    const changes = textChanges(original, response);
    expect(rebuild(original, response, changes)).toBe(response);
    for (const [index, change] of changes.entries()) {
      if (index > 0) expect(change.original.start).toBeGreaterThan(changes[index - 1]?.original.end ?? 0);
      expect(original.slice(change.original.start, change.original.end)).not.toMatch(loneSurrogate);
      expect(response.slice(change.response.start, change.response.end)).not.toMatch(loneSurrogate);
    }
  }
});
