import type { Inspection, Inspector } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { functionInspector, inspectorConformance } from '@align-squad/core/testing';
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
  const [inspection] = await inContext(judged, before).inspect([{ prompt: 'p', response: 'abcdef' }]);
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

test('with nothing before it is the inspector itself', () => {
  expect(inContext(judged, '')).toBe(judged);
});

test.each<[string, unknown, unknown]>([
  ['no list', 'fine', 'fine'],
  ['too few', [], []],
  ['holes', [undefined], [{}]],
  ['no verdict', [{ a: null }], [{ a: null }]],
])('what contradicts the contract stays so: %s', async (_, answer, expected) => {
  // a cast, because the contract forbids what is tested
  const broken = { ...judged, inspect: async () => answer as Inspection[] };
  expect(await inContext(broken, before).inspect([{ response: 'a' }])).toEqual(expected);
});

describe('keeps the contract of an inspector', () => {
  const score = ({ response }: { response: string }): number => (response.length % 10) / 10;
  const create = async (): Promise<Inspector> => inContext(functionInspector(score), before);
  for (const { name, run } of inspectorConformance({ create, exchanges: [{ prompt: 'p', response: 'One.' }, { response: 'Three.' }] })) test(name, run);
});
