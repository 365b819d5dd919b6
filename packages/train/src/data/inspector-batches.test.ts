import { createRandom } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import type { LaidOutExchange } from '../inspector/labelled-exchange.js';
import { inspectorBatches, type InspectorBatchOptions } from './inspector-batches.js';
import type { InspectorRecord } from './inspector-records.js';
import { inspectorRecord, rowsOf } from './test-support.js';

const special = { pad: 0, start: 1, separator: 2, sentence: 3, mask: 4 };

/** A token a letter, from 10 on; a marker before each word. */
function layOut({ response }: { readonly response: string }): LaidOutExchange {
  const ids: number[] = [special.start];
  const markers = response.split(' ').map((word, sentence) => {
    const position = ids.push(special.sentence) - 1;
    for (const letter of word) ids.push(10 + letter.charCodeAt(0) - 97);
    return { sentence, position };
  });
  return { ids: [...ids, special.separator], markers };
}

const record = (line: number, response: string, fields: Partial<InspectorRecord> = {}): InspectorRecord =>
  inspectorRecord(line, { exchange: { response }, labels: { a: 0 }, ...fields });
const batchesOf = (records: readonly InspectorRecord[], options: Partial<InspectorBatchOptions> = {}): ReturnType<typeof inspectorBatches> =>
  inspectorBatches(records, { layOut, criteria: ['a', 'b'], special, maxTokens: 64, batchTokens: 64, tokenDropout: 0, random: createRandom(1), ...options });
const many = Array.from({ length: 101 }, (_, line) => record(line, 'abcdefghijklmnopqrst'.slice(0, 1 + (line % 20))));

describe('batches', () => {
  test('hold every record once, in few shapes with an even number of rows', () => {
    const batches = batchesOf(many);
    expect(batches.flatMap(({ records }) => records).sort((a, b) => a - b)).toEqual(many.map(({ line }) => line));
    expect(new Set(batches.map(({ shape }) => String(shape))).size).toBeLessThanOrEqual(3);
    expect(batches.every(({ shape: [rows, length] }) => rows % 2 === 0 && rows * length <= 64)).toBe(true);
  });

  test('tell their tokens without padding and how much they count', () => {
    const batches = batchesOf(many);
    expect(batches.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(many.reduce((sum, { exchange }) => sum + exchange.response.length + 3, 0));
    expect(batches.reduce((sum, { weight = 0 }) => sum + weight, 0)).toBe(many.length);
  });

  test('are the same for the same random source, each time that they are read', () => {
    const inputs = (seed: number): unknown[] => batchesOf(many, { tokenDropout: 0.3, random: createRandom(seed) }).map((batch) => batch.inputs);
    expect(inputs(1)).toEqual(inputs(1));
    expect(inputs(1)).not.toEqual(inputs(2));
    const [batch] = batchesOf(many, { tokenDropout: 0.3 });
    expect(batch?.inputs).toEqual(batch?.inputs);
  });

  test('of no records there are none', () => {
    expect(batchesOf([])).toEqual([]);
  });
});

describe('the inputs of a batch', () => {
  const records = [
    record(1, 'ab', { labels: { a: 0 }, pair: 7 }),
    record(2, 'cd e', { labels: { a: 1 }, pair: 7, weight: 2, sentences: { labels: [{ a: 0 }, { a: 1, b: 1 }], weight: 0.5 } }),
    record(3, 'f', { labels: { b: 0.25 } }),
  ];
  const [batch] = batchesOf(records, { batchTokens: 1000 });
  const inputs = batch?.inputs ?? {};
  const at = batch?.records.indexOf(3) === 0 ? 2 : 0;

  test('put the misaligned record of a pair first', () => {
    expect(batch?.shape).toEqual([4, 7]);
    expect(rowsOf(inputs['input_ids']).slice(at, at + 2)).toEqual([[1, 3, 12, 13, 3, 14, 2], [1, 3, 10, 11, 2, 0, 0]]);
    expect(rowsOf(inputs['attention_mask']).slice(at, at + 2)).toEqual([[1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0, 0]]);
    expect(rowsOf(inputs['pair_weights'])[at / 2]).toEqual([2, 0]);
    expect(rowsOf(inputs['pair_weights'])[1 - at / 2]).toEqual([0, 0]);
  });

  test('leave unlabelled criteria without weight', () => {
    expect(rowsOf(inputs['labels']).slice(at, at + 2)).toEqual([[1, 0], [0, 0]]);
    expect(rowsOf(inputs['label_weights']).slice(at, at + 2)).toEqual([[2, 0], [1, 0]]);
    expect(rowsOf(inputs['labels'])[2 - at]).toEqual([0, 0.25]);
    expect(rowsOf(inputs['label_weights'])[2 - at]).toEqual([0, 1]);
  });

  test('label sentences at their markers', () => {
    const weighed = rowsOf(inputs['sentence_weights'])[at] ?? [];
    const labels = rowsOf(inputs['sentence_labels'])[at] ?? [];
    expect(weighed.flatMap((weight, place) => (weight === 0 ? [] : [[place, weight, labels[place]]]))).toEqual([[2, 1, 0], [8, 1, 1], [9, 1, 1]]);
  });

  test('have a row without labels beside an odd record, with a token to attend to', () => {
    const filler = 3 - at;
    expect(rowsOf(inputs['label_weights'])[filler]).toEqual([0, 0]);
    expect(rowsOf(inputs['input_ids'])[filler]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(rowsOf(inputs['attention_mask'])[filler]).toEqual([1, 0, 0, 0, 0, 0, 0]);
  });
});

describe('pairs', () => {
  const pairWeights = (...records: InspectorRecord[]): number[] => rowsOf(batchesOf(records, { batchTokens: 1000 })[0]?.inputs['pair_weights']).flat();

  test('are ranked under each criterion that tells them apart', () => {
    expect(pairWeights(record(1, 'a', { pair: 'x', labels: { a: 0.4, b: 0 } }), record(2, 'b', { pair: 'x', labels: { a: 0.6, b: 1 } }))).toEqual([1, 1]);
    expect(pairWeights(record(1, 'a', { pair: 'x', labels: { a: 1, b: 0 } }), record(2, 'b', { pair: 'x', labels: { a: 0, b: 1 } }))).toEqual([1, 0]);
  });

  test.each([
    ['labels alike', [record(1, 'a', { pair: 'x' }), record(2, 'b', { pair: 'x' })]],
    ['labels of different criteria', [record(1, 'a', { pair: 'x', labels: { a: 1 } }), record(2, 'b', { pair: 'x', labels: { b: 0 } })]],
    ['one record only', [record(1, 'a', { pair: 'x', labels: { a: 1 } }), record(2, 'b')]],
    ['three records', [1, 2, 3].map((line) => record(line, 'a', { pair: 'x', labels: { a: line % 2 } }))],
  ])('with %s are not', (_what, records) => {
    expect(pairWeights(...records).every((weight) => weight === 0)).toBe(true);
  });
});

describe('limits', () => {
  test('what is longer than the model takes is cut', () => {
    const long = record(1, 'abcdefghij klm', { sentences: { labels: [{ a: 1 }, { a: 1 }] } });
    const [batch] = batchesOf([long], { maxTokens: 6 });
    expect(batch?.shape).toEqual([2, 6]);
    expect(rowsOf(batch?.inputs['input_ids'])[0]).toEqual([1, 3, 10, 11, 12, 13]);
    expect(rowsOf(batch?.inputs['sentence_weights'])[0]?.filter((weight) => weight > 0)).toHaveLength(1);
  });

  test('a layout without markers has no sentences to label', () => {
    const [batch] = batchesOf(many, { special: { pad: 0, start: 1, separator: 2 }, layOut: (exchange) => ({ ids: layOut(exchange).ids, markers: [] }) });
    expect(Object.keys(batch?.inputs ?? {})).toEqual(['input_ids', 'attention_mask', 'labels', 'label_weights', 'pair_weights']);
  });
});

describe('token dropout', () => {
  test('hides text and never the frame', () => {
    const [plain, hidden] = [0, 0.5].map((tokenDropout) => batchesOf(many, { tokenDropout }).map(({ inputs }) => rowsOf(inputs['input_ids'])).flat(2));
    const changes = (plain ?? []).flatMap((id, place) => (id === hidden?.[place] ? [] : [[id, hidden?.[place]]]));
    const text = (plain ?? []).filter((id) => id >= 10).length;
    expect(changes.length / text).toBeGreaterThan(0.4);
    expect(changes.length / text).toBeLessThan(0.6);
    expect(changes.every(([from = 0, to]) => from >= 10 && to === special.mask)).toBe(true);
  });

  test('needs a mask token', () => {
    expect(() => batchesOf(many, { tokenDropout: 0.1, special: { pad: 0 } })).toThrow(expect.objectContaining({ code: 'invalid-options' }));
  });
});
