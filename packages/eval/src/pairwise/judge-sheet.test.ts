import { expect, test } from 'vitest';
import { toJsonLines } from './json-lines.js';
import { parseJudgeAnswers, parseJudgeKey, parseJudgeRequests, writeJudgeSheet } from './judge-sheet.js';
import { pairsOf } from './test-support.js';

test('a sheet shows both texts of each pair, and the key says which is which', () => {
  const pairs = pairsOf(40, { context: 'Source.', criterion: 'ethical' });
  const { requests, key } = writeJudgeSheet(pairs, { seed: 5 });
  const sides = new Map(key.sides.map(({ id, aligned }) => [id, aligned]));
  for (const { id, prompt, original, aligned } of pairs) {
    const [a, b] = sides.get(id) === 'a' ? [aligned, original] : [original, aligned];
    expect(requests.find((request) => request.id === id)).toEqual({ id, prompt, context: 'Source.', criterion: 'ethical', a, b });
  }
  expect(requests).toHaveLength(40);
});

test('order and sides are drawn by the seed alone', () => {
  const pairs = pairsOf(40);
  const sheet = writeJudgeSheet(pairs, { seed: 5 });
  expect(writeJudgeSheet(pairs, { seed: 5 })).toEqual(sheet);
  expect(writeJudgeSheet(pairs, { seed: 6 })).not.toEqual(sheet);
  expect(sheet.requests.map(({ id }) => id)).not.toEqual(pairs.map(({ id }) => id));
  const onA = sheet.key.sides.filter(({ aligned }) => aligned === 'a').length;
  expect(onA).toBeGreaterThan(10);
  expect(onA).toBeLessThan(30);
});

test('nobody is asked about a pair of the same texts', () => {
  const { requests, key } = writeJudgeSheet([...pairsOf(1), { id: 'same', original: 'x', aligned: 'x', criterion: 'ethical' }], { seed: 1 });
  expect(requests).toHaveLength(1);
  expect(key.identical).toEqual([{ id: 'same', criterion: 'ethical' }]);
});

test('a sheet and its key are the same again from their files', () => {
  const { requests, key } = writeJudgeSheet(pairsOf(3), { seed: 1 });
  expect(parseJudgeRequests(toJsonLines(requests))).toEqual(requests);
  expect(parseJudgeKey(JSON.stringify(key))).toEqual(key);
});

test('a line of answers may hold other fields, and blank lines are skipped', () => {
  expect(parseJudgeAnswers('\n{"id":"p1","choice":"tie","note":"n","seconds":4}\n\n')).toEqual([{ id: 'p1', choice: 'tie', note: 'n' }]);
});

test.each([
  ['answers that are no JSON', () => parseJudgeAnswers('{"id":"p","choice":"a"}\nsecret'), /line 2/],
  ['a choice that there is not', () => parseJudgeAnswers('{"id":"secret","choice":"c"}'), /line 1.*`choice`/],
  ['a request without a text', () => parseJudgeRequests('{"id":"secret","a":"x"}'), /line 1.*`b`/],
  ['a key of another version', () => parseJudgeKey('{"schemaVersion":2,"secret":1}'), /`schemaVersion`/],
  ['a key that is no JSON', () => parseJudgeKey('secret'), /key/],
])('%s are refused without their text', (_what, act, message) => {
  expect(act).toThrow(expect.objectContaining({ code: 'invalid-dataset', message: expect.stringMatching(message) as string }));
  expect(act).not.toThrow(/secret/);
});

test('a sheet needs a whole seed', () => {
  expect(() => writeJudgeSheet([], { seed: 0.5 })).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
