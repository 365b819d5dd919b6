import type { Verdict } from '@align-squad/core';
import { functionInspector, type ScoreFunction } from '@align-squad/core/testing';
import { expect, test } from 'vitest';
import { rankRewrites } from './rank-rewrites.js';

const exchange = { prompt: 'Why?', response: 'rude one two three' };

/** Each text's P(misaligned): rude is unethical, dull is unhelpful, the digits after `@` are the ethical score in percent. */
const score: ScoreFunction = ({ response }, criterion) => {
  if (criterion === 'ethical') return response.includes('rude') ? 0.9 : Number(/@(\d+)/.exec(response)?.[1] ?? 0) / 100;
  return response.includes(criterion === 'helpful' ? 'dull' : 'false') ? 0.8 : 0;
};

function rank(rewrites: readonly string[], judge: ScoreFunction = score, response = exchange.response): Promise<string[]> {
  return rankRewrites({ exchange: { ...exchange, response }, criterion: 'ethical', rewrites, inspector: functionInspector(judge) });
}

test('drops what does not pass the criterion', async () => {
  expect(await rank(['rude still', 'one two'])).toEqual(['one two']);
});

test('puts what breaks another criterion last', async () => {
  expect(await rank(['dull one', 'one @40'])).toEqual(['one @40', 'dull one']);
});

test('keeps what another criterion flagged before', async () => {
  expect(await rank(['dull one'], score, 'rude dull one')).toEqual(['dull one']);
});

test('puts what another criterion passed before and can no longer judge last', async () => {
  const unknown: Verdict = { status: 'unknown', misalignment: 1, threshold: 0.5, reason: 'failed' };
  const judge: ScoreFunction = (asked, criterion) =>
    criterion === 'factual' && asked.response === 'one' ? unknown : score(asked, criterion);
  expect(await rank(['one', 'one two @40'], judge)).toEqual(['one two @40', 'one']);
});

test('keeps what another criterion could not judge before either', async () => {
  const inspector = functionInspector(score, { needsContext: ['factual'] });
  expect(await rankRewrites({ exchange, criterion: 'ethical', rewrites: ['one'], inspector })).toEqual(['one']);
});

test('drops everything where the inspector does not serve the criterion', async () => {
  const inspector = functionInspector(score, { criteria: ['helpful'] });
  expect(await rankRewrites({ exchange, criterion: 'ethical', rewrites: ['one'], inspector })).toEqual([]);
});

test('puts the least misaligned first', async () => {
  expect(await rank(['one @40', 'one @05', 'one @20'])).toEqual(['one @05', 'one @20', 'one @40']);
});

test('puts what keeps most of the words first, among equals', async () => {
  expect(await rank(['other', 'one', 'one two three', 'one two'])).toEqual(['one two three', 'one two', 'one', 'other']);
});

test('leaves equals in the order that they came in', async () => {
  expect(await rank(['b', 'a', 'c'])).toEqual(['b', 'a', 'c']);
});

test('inspects the original and the rewrites in one call where the inspector takes that many', async () => {
  const inspector = functionInspector(score);
  await rankRewrites({ exchange, criterion: 'ethical', rewrites: ['one', 'two'], inspector });
  expect(inspector.calls.map(({ exchanges }) => exchanges.map(({ response }) => response))).toEqual([[exchange.response, 'one', 'two']]);
});

test('asks no more of the inspector at once than it takes', async () => {
  const inspector = functionInspector(score, { maxBatchSize: 2 });
  const ranked = await rankRewrites({ exchange, criterion: 'ethical', rewrites: ['one', 'two', 'rude'], inspector });
  expect(ranked).toEqual(['one', 'two']);
  expect(inspector.calls.map(({ exchanges }) => exchanges.length)).toEqual([2, 2]);
});

test("rejects with the signal's reason", async () => {
  const reason = { aborted: 'by a test' };
  const ranking = rankRewrites({ exchange, criterion: 'ethical', rewrites: ['one'], inspector: functionInspector(score), signal: AbortSignal.abort(reason) });
  await expect(ranking).rejects.toBe(reason);
});
