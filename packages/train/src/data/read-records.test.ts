import { describe, expect, test } from 'vitest';
import { readAlignerRecords, readInspectorRecords, type InspectorRecordOptions } from './read-records.js';
import type { RecordSource } from './json-lines.js';
import { dataFile, toLines } from './test-support.js';

const criteria = [{ id: 'ethical' }, { id: 'factual', needsContext: true }];
const both = [{ response: 'x', labels: { ethical: 1, factual: 0 } }, { response: 'y', labels: { ethical: 0, factual: 1 } }];
const read = (source: RecordSource, options: Partial<InspectorRecordOptions> = {}): ReturnType<typeof readInspectorRecords> => readInspectorRecords(source, { criteria, ...options });
const triple = { criterion: 'ethical', prompt: 'Why?', context: null, misaligned: 'It rains. You fool.', aligned: 'It rains. Take care.', critique: 'Rude.', id: 'a' };

describe('labelled responses', () => {
  test('become records with where they come from', async () => {
    const full = { id: 7, prompt: 'Why?', context: 'Rain.', response: 'One. Two.', labels: { ethical: 0.5 }, weight: 2, sentences: { labels: [null, { ethical: 1 }], weight: 0.5 }, pair: 3, own: true };
    const { records } = await read([...both, full]);
    expect(records[2]).toEqual({
      exchange: { prompt: 'Why?', context: 'Rain.', response: 'One. Two.' },
      labels: { ethical: 0.5 },
      weight: 2,
      sentences: { labels: [null, { ethical: 1 }], weight: 0.5 },
      pair: '3',
      line: 3,
      promptKey: 'Why?',
    });
    expect(records[0]).toEqual({ exchange: { response: 'x' }, labels: { ethical: 1, factual: 0 }, weight: 1, line: 1, promptKey: 'x' });
  });

  test('are counted by criterion and label', async () => {
    expect((await read([...both, { response: 'z', labels: { ethical: 0.2 } }])).counts).toEqual({
      lines: 3, 'misaligned.ethical': 1, 'aligned.ethical': 2, 'misaligned.factual': 1, 'aligned.factual': 1,
    });
  });

  test('belong together by prompt, else by context, else by pair', async () => {
    const labels = { ethical: 0 };
    const { records } = await read([
      ...both,
      { prompt: ' Why? ', response: 'a', labels },
      { prompt: [{ role: 'user', content: 'Why?' }], response: 'b', labels },
      { context: 'Rain.', response: 'a', labels },
      { prompt: '', context: 'Rain.', response: 'b', labels },
      { response: 'a', labels, pair: 'p' },
      { response: 'b', labels, pair: 'p' },
    ]);
    const [, , a, b, c, d, e, f] = records.map(({ promptKey }) => promptKey);
    expect([a === b, c === d, e === f]).toEqual([true, true, true]);
    expect(new Set([a, c, e])).toHaveProperty('size', 3);
  });

  test('may have one `label` where one criterion is trained', async () => {
    const lines = [{ prompt: 'p', response: 'a', label: 1 }, { prompt: 'p', response: 'b', label: 0 }];
    const { records } = await read(lines, { criteria: [{ id: 'own' }] });
    expect(records.map(({ labels }) => labels)).toEqual([{ own: 1 }, { own: 0 }]);
    await expect(read(lines)).rejects.toMatchObject({ code: 'invalid-dataset', message: expect.stringContaining('`labels` by criterion') as string });
  });

  test('of other criteria are left out where that is asked for', async () => {
    const lines = [...both, { response: 'z', labels: { helpful: 1 } }, { response: 'u', labels: { helpful: 1, ethical: 0 } }];
    const { records } = await read(lines, { otherCriteria: 'ignore' });
    expect(records.map(({ labels }) => labels)).toEqual([...both.map(({ labels }) => labels), { ethical: 0 }]);
  });
});

describe('triples', () => {
  test('give a misaligned and an aligned record, side by side', async () => {
    const { records } = await read([triple, ...both]);
    const shared = { weight: 1, line: 1, promptKey: 'Why?', pair: 1 };
    expect(records.slice(0, 2)).toEqual([
      { ...shared, exchange: { prompt: 'Why?', response: triple.misaligned }, labels: { ethical: 1 }, sentences: { labels: [{ ethical: 0 }, { ethical: 1 }], weight: 1 } },
      { ...shared, exchange: { prompt: 'Why?', response: triple.aligned }, labels: { ethical: 0 }, sentences: { labels: [{ ethical: 0 }, { ethical: 0 }], weight: 1 } },
    ]);
  });

  test('say little about sentences where none was kept', async () => {
    const { records } = await read([{ ...triple, aligned: 'Take care. Please.' }, ...both]);
    expect(records[0]?.sentences).toEqual({ labels: [{ ethical: 1 }, { ethical: 1 }], weight: 0.3 });
    const [short] = (await read([{ ...triple, misaligned: 'You fool.' }, ...both])).records;
    expect(short?.sentences?.weight).toBe(1);
  });

  test.each([
    ['an identity', { identity: true, misaligned: triple.aligned }, { ethical: 0 }],
    ['an equal pair', { misaligned: triple.aligned }, { ethical: 0 }],
    ['a clean text', { criterion: 'clean' }, { ethical: 0 }],
    ['a clean text with a context', { criterion: 'clean', context: 'Rain.' }, { ethical: 0, factual: 0 }],
  ])('that are %s give an aligned record', async (_what, change, labels) => {
    const { records } = await read([{ ...triple, ...change }, ...both]);
    expect(records[0]).toMatchObject({ exchange: { response: triple.aligned }, labels });
    expect(records[0]).not.toHaveProperty('pair');
    expect(records).toHaveLength(3);
  });

  test('without a criterion are of the one that is trained', async () => {
    const { criterion: _criterion, ...rest } = triple;
    expect((await read([rest], { criteria: [{ id: 'own' }] })).records.map(({ labels }) => labels)).toEqual([{ own: 1 }, { own: 0 }]);
    await expect(read([rest])).rejects.toMatchObject({ message: expect.stringContaining('record 1 to have a `criterion`') as string });
  });
});

describe('a dataset that is refused', () => {
  const secret = 'secret words';
  test.each([
    ['a missing response', { labels: { ethical: 1 } }, /`response` must be a string/],
    ['an empty response', { response: '', labels: { ethical: 1 } }, /`response` must be at least 1/],
    ['missing labels', { response: secret }, /`labels` must be a record/],
    ['empty labels', { response: secret, labels: {} }, /`labels` is not valid/],
    ['a label below 0', { response: secret, labels: { ethical: -1 } }, /`labels\.ethical` must be at least 0/],
    ['a label above 1', { response: secret, labels: { ethical: 2 } }, /`labels\.ethical` must be at most 1/],
    ['a label that is text', { response: secret, labels: { ethical: secret } }, /`labels\.ethical` must be a number/],
    ['a negative weight', { response: secret, labels: { ethical: 1 }, weight: -1 }, /`weight` must be at least 0/],
    ['a prompt that is a number', { prompt: 3, response: secret, labels: { ethical: 1 } }, /`prompt`/],
    ['another criterion', { response: secret, labels: { [secret]: 1 } }, /`labels` of \S+ line 3 to name criteria that are trained: ethical, factual/],
    ['a triple of another criterion', { ...triple, criterion: secret }, /`criterion` of \S+ line 3 to name criteria that are trained/],
    ['half a triple', { misaligned: secret }, /`aligned` must be a string/],
    ['sentence labels that do not match', { response: 'One. Two.', labels: { ethical: 1 }, sentences: { labels: [null] } }, /`sentences\.labels` of \S+ line 3.* 2 sentences.* got 1/],
    ['a text instead of an object', [secret], /`value` must be an object/],
  ])('for %s, by file, line and field', async (_what, line, message) => {
    const reading = read(await dataFile('d.jsonl', toLines(...both, line)));
    await expect(reading).rejects.toMatchObject({ code: 'invalid-dataset', message: expect.stringMatching(message) as string });
    await expect(reading).rejects.toMatchObject({ message: expect.stringContaining('d.jsonl line 3') as string });
    await expect(reading).rejects.not.toMatchObject({ message: expect.stringContaining(secret) as string });
  });

  test('without records', async () => {
    await expect(read(await dataFile('d.jsonl', '\n\n'))).rejects.toMatchObject({ code: 'invalid-dataset', message: 'Expected records in d.jsonl, got none.' });
    await expect(readAlignerRecords([])).rejects.toMatchObject({ message: 'Expected records in the records, got none.' });
  });

  test.each([
    [[both[0]], /misaligned and aligned records of `ethical` in the records, got only misaligned ones/],
    [[both[1]], /`ethical` in the records, got only aligned ones/],
    [[{ response: 'x', labels: { ethical: 1 } }, { response: 'y', labels: { ethical: 0 } }], /`factual` in the records, got none/],
  ])('with one label of a criterion', async (lines, message) => {
    await expect(read(lines.flatMap((line) => line ?? []))).rejects.toMatchObject({ code: 'invalid-dataset', message: expect.stringMatching(message) as string });
  });
});

describe('corrections', () => {
  test('and triples become records of an aligner', async () => {
    const lines = [
      { prompt: 'Why?', context: ' ', response: 'No.', correction: 'Rain.', weight: 0.5 },
      { response: 'Rain.', correction: 'Rain.' },
      triple,
      { ...triple, identity: true },
    ];
    const { records, counts } = await readAlignerRecords(lines);
    expect(records).toEqual([
      { exchange: { prompt: 'Why?', response: 'No.' }, correction: 'Rain.', identity: false, weight: 0.5, line: 1, promptKey: 'Why?' },
      { exchange: { response: 'Rain.' }, correction: 'Rain.', identity: true, weight: 1, line: 2, promptKey: 'Rain.' },
      { exchange: { prompt: 'Why?', response: triple.misaligned }, correction: triple.aligned, identity: false, weight: 1, line: 3, promptKey: 'Why?' },
      { exchange: { prompt: 'Why?', response: triple.aligned }, correction: triple.aligned, identity: true, weight: 1, line: 4, promptKey: 'Why?' },
    ]);
    expect(counts).toEqual({ lines: 4, corrections: 2, identities: 2 });
  });

  test.each([
    ['no correction', { response: 'x' }, /`correction` must be a string/],
    ['an empty one', { response: 'x', correction: '' }, /`correction` must be at least 1/],
  ])('with %s are refused', async (_what, line, message) => {
    await expect(readAlignerRecords([line])).rejects.toMatchObject({ code: 'invalid-dataset', message: expect.stringMatching(message) as string });
  });
});

describe('the hash', () => {
  test('is of what is read, wherever it comes from', async () => {
    const spaced = [...both, triple].map((line) => JSON.stringify(Object.fromEntries(Object.entries(line).reverse()), null, 1).replaceAll('\n', ' ')).join('\n\n');
    const sources = [[...both, triple], await dataFile('a.jsonl', spaced), await dataFile('b.jsonl.gz', toLines(...both, { ...triple, own: 1 }))];
    const hashes = await Promise.all(sources.map(async (source) => (await read(source)).sha256));
    expect(new Set(hashes).size).toBe(1);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    ['a label', [{ ...both[0], labels: { ethical: 0.9, factual: 0 } }, both[1]]],
    ['a text', [{ ...both[0], response: 'X' }, both[1]]],
    ['the order', [both[1], both[0]]],
    ['an unknown sentence', [{ ...both[0], sentences: { labels: [null] } }, both[1]]],
  ])('tells %s', async (_what, lines) => {
    expect((await read(lines.flatMap((line) => line ?? []))).sha256).not.toBe((await read(both)).sha256);
  });
});

test('an abort ends reading with its reason', async () => {
  const reason = { stop: true };
  await expect(read(both, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('an aligner is not trained on triples of other criteria', async () => {
  const triple = { prompt: 'a', misaligned: 'b', aligned: 'c' };
  const records = [{ ...triple, criterion: 'kind' }, { ...triple, criterion: 'clean', misaligned: 'c', identity: true }, triple];
  expect((await readAlignerRecords(records, { criteria: ['kind'] })).records).toHaveLength(3);
  const others = readAlignerRecords([...records, { ...triple, criterion: 'other' }], { criteria: ['kind'] });
  await expect(others).rejects.toMatchObject({ code: 'invalid-dataset', message: expect.stringContaining('kind') as string });
});
