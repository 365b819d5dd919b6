import { alignerTokenIds, alignerTokens } from '@align-squad/aligner';
import { createTextTokenizer } from '@align-squad/onnx';
import { expect, test } from 'vitest';
import { trainAlignerTokenizer } from './train-aligner-tokenizer.js';

const texts = ['The Water Cycle moves water.', 'The Water Cycle moves water.'];

test('each token of the layout is one id, and text that names it holds none of them', async () => {
  const tokenizer = await createTextTokenizer(trainAlignerTokenizer(texts, { vocabularySize: 280 }));
  const { pad, unknown, start, context, init, aligned, done, spelt } = alignerTokenIds(tokenizer);
  expect([[pad], [unknown], start, context, init, aligned, done]).toEqual([[0], [1], [2], [3], [4], [5], [6]]);
  expect(spelt).toEqual([]);
  const named = Object.values(alignerTokens).flatMap((token) => tokenizer.encode(`a ${token} b`));
  expect(Math.min(...named)).toBeGreaterThan(6);
});

test('upper case comes back', async () => {
  const tokenizer = await createTextTokenizer(trainAlignerTokenizer(texts, { vocabularySize: 280 }));
  expect(tokenizer.decode(tokenizer.encode('The WATER Cycle'))).toBe(' The WATER Cycle');
});
