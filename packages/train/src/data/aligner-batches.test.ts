import { createRandom } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { causalBatches, preferenceBatches, sequenceBatches, taggingBatches, type AlignerBatch } from './aligner-batches.js';
import type { TextPairRow } from './aligner-inputs.js';
import { rowsOf } from './test-support.js';

const options = { pad: 0, batchTokens: 1000, random: createRandom(1) };
const row = (line: number, source: readonly number[], target: readonly number[], weight?: number): TextPairRow => ({ line, source, target, ...(weight === undefined ? {} : { weight }) });
const firstOf = ([first]: readonly AlignerBatch[]): AlignerBatch => first ?? { shape: [], inputs: {}, tokens: 0, records: [] };
const many = Array.from({ length: 57 }, (_, line) => row(line, Array<number>(2 + (line % 30)).fill(5), Array<number>(1 + (line % 7)).fill(6)));

describe('batches of a decoder', () => {
  test('have the next token as label, from the end of the source on', () => {
    const { shape, inputs, records } = firstOf(causalBatches([row(1, [11, 12, 13], [14, 15]), row(2, [11, 12], [14], 0.5)], options));
    const order = records[0] === 1 ? [0, 1] : [1, 0];
    const sorted = (name: string): unknown[] => order.map((at) => rowsOf(inputs[name])[at]);
    expect(shape).toEqual([2, 4]);
    expect(sorted('input_ids')).toEqual([[11, 12, 13, 14], [11, 12, 0, 0]]);
    expect(sorted('attention_mask')).toEqual([[1, 1, 1, 1], [1, 1, 0, 0]]);
    expect(sorted('position_ids')).toEqual([[0, 1, 2, 3], [0, 1, 2, 3]]);
    expect(sorted('labels')).toEqual([[-100, -100, 14, 15], [-100, 14, -100, -100]]);
    expect(sorted('label_weights')).toEqual([[0, 0, 1, 1], [0, 0.5, 0, 0]]);
  });

  test('hold every row once, in few shapes within the limit', () => {
    const batches = causalBatches(many, { ...options, batchTokens: 100, lengths: 3 });
    expect(batches.flatMap(({ records }) => records).sort((a, b) => a - b)).toEqual(many.map(({ line }) => line));
    expect(new Set(batches.map(({ shape }) => String(shape))).size).toBeLessThanOrEqual(3);
    for (const { shape: [rows = 0, length = 0] } of batches) expect(rows * length).toBeLessThanOrEqual(100);
    expect(batches.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(many.reduce((sum, { source, target }) => sum + source.length + target.length - 1, 0));
    expect(batches.reduce((sum, { weight = 0 }) => sum + weight, 0)).toBe(many.reduce((sum, { target }) => sum + target.length, 0));
  });

  test('name their records in the order of their rows, and fill up with rows that have no labels', () => {
    const batches = causalBatches(many, { ...options, batchTokens: 300 });
    for (const { inputs, records, shape } of batches) {
      const rows = rowsOf(inputs['labels']).map((labels) => labels.filter((label) => label !== -100).length);
      expect(rows).toEqual([...records.map((line) => many[line]?.target.length), ...Array<number>((shape[0] ?? 0) - records.length).fill(0)]);
      expect(rowsOf(inputs['attention_mask']).every(([first]) => first === 1)).toBe(true);
    }
    expect(batches.some(({ records, shape }) => records.length < (shape[0] ?? 0))).toBe(true);
  });

  test('are the same for the same random source', () => {
    const inputs = (seed: number): unknown[] => causalBatches(many, { ...options, batchTokens: 100, random: createRandom(seed) }).map((batch) => batch.inputs);
    expect(inputs(1)).toEqual(inputs(1));
    expect(inputs(1)).not.toEqual(inputs(2));
  });
});

test('batches of an encoder-decoder begin what is written with the start token', () => {
  const { shape, inputs } = firstOf(sequenceBatches([row(1, [11, 12, 13], [14, 15])], { ...options, start: 9 }));
  expect(shape).toEqual([1, 3, 2]);
  expect(rowsOf(inputs['input_ids'])).toEqual([[11, 12, 13]]);
  expect(rowsOf(inputs['attention_mask'])).toEqual([[1, 1, 1]]);
  expect(rowsOf(inputs['decoder_input_ids'])).toEqual([[9, 14]]);
  expect(rowsOf(inputs['labels'])).toEqual([[14, 15]]);
});

test('batches of an encoder-decoder hold every row once, in few shapes', () => {
  const batches = sequenceBatches(many, { ...options, start: 9, batchTokens: 100, lengths: 4 });
  expect(batches.flatMap(({ records }) => records).sort((a, b) => a - b)).toEqual(many.map(({ line }) => line));
  expect(new Set(batches.map(({ shape }) => String(shape))).size).toBeLessThanOrEqual(4);
  for (const { inputs } of batches) expect(rowsOf(inputs['labels']).flat().filter((label) => label === 6).length).toBeGreaterThan(0);
});

test('batches of a tagger have tags at their positions only', () => {
  const { shape, inputs } = firstOf(taggingBatches([{ line: 1, ids: [11, 12, 13, 14], positions: [1, 3], tags: [0, 5] }], options));
  expect(shape).toEqual([1, 4]);
  expect(rowsOf(inputs['labels'])).toEqual([[-100, 0, -100, 5]]);
  expect(rowsOf(inputs['label_weights'])).toEqual([[0, 1, 0, 1]]);
});

describe('batches of preferences', () => {
  const pair = { line: 4, chosen: row(4, [11, 12], [14, 15]), rejected: row(4, [11, 12], [16]), reference: [-1.5, -2] as const };

  test('have the preferred text in rows 2k and the rejected one beside it', () => {
    const { shape, inputs, records, weight } = firstOf(preferenceBatches([pair], options));
    expect([shape, records, weight]).toEqual([[2, 3], [4], 1]);
    expect(rowsOf(inputs['input_ids'])).toEqual([[11, 12, 14], [11, 12, 0]]);
    expect(rowsOf(inputs['labels'])).toEqual([[-100, 14, 15], [-100, 16, -100]]);
    expect(Array.from(inputs['reference_log_probabilities']?.data ?? [], Number)).toEqual([-1.5, -2]);
  });

  test('are those of an encoder-decoder where there is a start token', () => {
    const { shape, inputs } = firstOf(preferenceBatches([pair], { ...options, start: 9 }));
    expect(shape).toEqual([2, 2, 2]);
    expect(rowsOf(inputs['decoder_input_ids'])).toEqual([[9, 14], [9, 0]]);
    expect(rowsOf(inputs['labels'])).toEqual([[14, 15], [16, -100]]);
  });

  test('fill up with pairs that have no labels', () => {
    const pairs = Array.from({ length: 5 }, () => pair);
    const last = preferenceBatches(pairs, { ...options, batchTokens: 12 }).find(({ records }) => records.length === 1);
    expect(last?.shape).toEqual([4, 3]);
    expect(rowsOf(last?.inputs['labels']).slice(2).flat().every((label) => label === -100)).toBe(true);
  });
});
