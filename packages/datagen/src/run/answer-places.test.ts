import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { AnswerPlaces } from './answer-places.js';

const idOf = (number: number): string => createHash('sha256').update(String(number)).digest('hex').slice(0, 32);

test('finds every id again, however often it grew, and no other', () => {
  const places = new AnswerPlaces();
  for (let at = 0; at < 5000; at++) places.set(idOf(at), { offset: 2 ** 33 + at, length: at });
  expect(places.size).toBe(5000);
  for (let at = 0; at < 5000; at++) expect(places.get(idOf(at))).toEqual({ offset: 2 ** 33 + at, length: at });
  expect(places.has(idOf(5000))).toBe(false);
  expect(places.get(idOf(5001))).toBeUndefined();
});

test('an id that is set again has its last place and counts once', () => {
  const places = new AnswerPlaces();
  places.set(idOf(1), { offset: 1, length: 2 });
  places.set(idOf(1), { offset: 3, length: 4 });
  expect(places.size).toBe(1);
  expect(places.get(idOf(1))).toEqual({ offset: 3, length: 4 });
});

test('tells ids apart that share their first half, are all zeros, or are no hashes', () => {
  const ids = ['0'.repeat(32), `${'0'.repeat(31)}1`, `${'0'.repeat(16)}${'f'.repeat(16)}`, 'a', '', 'A'.repeat(32)];
  const places = new AnswerPlaces();
  for (const [offset, id] of ids.entries()) places.set(id, { offset, length: 1 });
  expect(ids.map((id) => places.get(id)?.offset)).toEqual([0, 1, 2, 3, 4, 5]);
});
