import type { Inspection, Inspector } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { functionInspector, inspectorConformance } from '@align-squad/core/testing';
import { fakeInspector } from '../test-support.js';
import { inContext } from './in-context.js';

const before = 'Said. ';
const judged = functionInspector(
  ({ response }) => ({
    status: 'flag',
    misalignment: response.length / 100,
    threshold: 0.1,
    spans: [
      { start: 0, end: 6, misalignment: 0.1 },
      { start: 4, end: 9, misalignment: 0.2 },
      { start: 9, end: response.length, misalignment: 0.3 },
    ],
  }),
  { criteria: ['a'] },
);

test('a response is read behind the text before it, and spans count from its own start', async () => {
  const [inspection] = await inContext(judged, { before, isLast: false }).inspect([{ prompt: 'p', response: 'abcdef' }]);
  expect(judged.calls[0]?.exchanges).toEqual([{ prompt: 'p', response: 'Said. abcdef' }]);
  expect(inspection?.['a']).toEqual({
    status: 'flag',
    misalignment: 0.12,
    threshold: 0.1,
    spans: [
      { start: 0, end: 3, misalignment: 0.2 },
      { start: 3, end: 6, misalignment: 0.3 },
    ],
  });
});

test('with nothing before it says what the inspector says', async () => {
  expect(await inContext(judged, { before: '', isLast: false }).inspect([{ response: 'a' }])).toEqual(await judged.inspect([{ response: 'a' }]));
});

describe('the last response of an answer', () => {
  const unfinished = (inspector: Inspector): Inspector => ({ ...inspector, abilities: { ...inspector.abilities, unfinished: { a: 0.8 } } });
  const judge = async (beforeScore: number, score: number): Promise<[string | undefined, number]> => {
    const inspector = fakeInspector({ criteria: ['a'], judge: ({ response }) => (response === before ? beforeScore : score) });
    const [inspection] = await inContext(unfinished(inspector), { before, isLast: true }).inspect([{ response: 'x' }]);
    return [inspection?.a?.status, inspector.calls.length];
  };

  test.each<[string, number, number, string, number]>([
    ['passes in one call', 0.1, 0.4, 'pass', 1],
    ['is flagged in one call where it fails both thresholds', 0.1, 0.9, 'flag', 1],
    ['is flagged by the threshold of whole answers where what came before passes it', 0.1, 0.6, 'flag', 2],
    ['passes where what came before fails that threshold already', 0.6, 0.6, 'pass', 2],
  ])('%s', async (_, beforeScore, score, status, calls) => {
    expect(await judge(beforeScore, score)).toEqual([status, calls]);
  });
});

test.each<[string, unknown, unknown]>([
  ['no list', 'fine', 'fine'],
  ['too few', [], []],
  ['holes', [undefined], [{}]],
  ['no verdict', [{ a: null }], [{ a: null }]],
])('what contradicts the contract stays so: %s', async (_, answer, expected) => {
  // a cast, because the contract forbids what is tested
  const broken = { ...judged, inspect: async () => answer as Inspection[] };
  expect(await inContext(broken, { before, isLast: false }).inspect([{ response: 'a' }])).toEqual(expected);
});

describe('keeps the contract of an inspector', () => {
  const score = ({ response }: { response: string }): number => (response.length % 10) / 10;
  const create = async (): Promise<Inspector> => inContext(functionInspector(score), { before, isLast: false });
  for (const { name, run } of inspectorConformance({ create, exchanges: [{ prompt: 'p', response: 'One.' }, { response: 'Three.' }] })) test(name, run);
});
