import { collectCorrection, type AlignRequest, type Aligner } from '@align-squad/core';
import { alignerConformance, functionAligner } from '@align-squad/core/testing';
import { describe, expect, test } from 'vitest';
import { fakeAligner } from '../test-support.js';
import { alignerInContext } from './aligner-in-context.js';

const before = 'It is so. ';
const request: AlignRequest = {
  exchange: { prompt: 'Why?', response: 'It is bad.' },
  criterion: 'a',
  verdict: { status: 'flag', misalignment: 0.9, threshold: 0.5, spans: [{ start: 0, end: 10, misalignment: 0.9 }] },
};

test('the aligner sees the text before, with spans that count from its start', async () => {
  const aligner = fakeAligner(['a'], ({ exchange }) => exchange.response.replace('bad', 'good'));
  expect(await collectCorrection(alignerInContext(aligner, before), request)).toEqual({ outcome: 'rewritten', response: 'It is good.' });
  expect(aligner.requests.map(({ exchange, verdict }) => [exchange.response, verdict?.spans])).toEqual([
    ['It is so. It is bad.', [{ start: 0, end: 10, misalignment: 0 }, { start: 10, end: 20, misalignment: 0.9 }]],
  ]);
});

test.each<[string, (response: string) => string | undefined]>([
  ['changes what is released', (response) => response.replace('It is so.', 'It was so.').replace('bad', 'good')],
  ['has none', () => undefined],
])('an aligner that %s is given the sentence on its own', async (_, rewrite) => {
  const aligner = fakeAligner(['a'], ({ exchange: { response } }) => (response.startsWith(before) ? rewrite(response) : 'It is good.'));
  expect(await collectCorrection(alignerInContext(aligner, before), request)).toEqual({ outcome: 'rewritten', response: 'It is good.' });
  expect(aligner.requests.map(({ exchange }) => exchange.response)).toEqual(['It is so. It is bad.', 'It is bad.']);
});

test.each(['It is so. ', 'It is so.'])('an aligner may leave the sentence out, as in %j', async (left) => {
  const aligner = alignerInContext(fakeAligner(['a'], () => left), before);
  expect(aligner.abilities.mayLeaveOut).toBe(true);
  expect(await collectCorrection(aligner, request)).toEqual({ outcome: 'rewritten', response: '' });
});

test('the first sentence goes to the aligner as it is', () => {
  const aligner = fakeAligner(['a'], () => 'x');
  expect(alignerInContext(aligner, '')).toBe(aligner);
});

describe('the contract', () => {
  const create = (): Promise<Aligner> =>
    Promise.resolve(alignerInContext(functionAligner(({ exchange }) => `${exchange.response} Really.`, { criteria: ['a'] }), before));
  for (const { name, run } of alignerConformance({ create, requests: [request] })) test(name, run);
});
