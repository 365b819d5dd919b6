import { builtInCriteria, createRandom, type Criterion } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import type { Triple } from '../records/records.js';
import { cleanTriples, type CleanOptions, type FilterReport } from './clean-triples.js';
import { defaultFilters, filterDefinitions } from './filters/registry.js';
import { madeUpQuestions, tripleWith } from './test-support.js';

async function clean(records: Iterable<Triple>, options: CleanOptions): Promise<{ kept: string[]; report: readonly FilterReport[] }> {
  const cleaned = cleanTriples(records, options);
  const kept: string[] = [];
  for await (const { id } of cleaned.records) kept.push(id);
  return { kept, report: cleaned.report };
}

const good = tripleWith({ id: 'good' });
const empty = tripleWith({ id: 'empty', aligned: ' ' });
const copied = tripleWith({ id: 'copied', prompt: 'How can I calm a dog that fears thunder?', aligned: good.misaligned });

test('records pass the filters in order, and each filter counts those that come to it', async () => {
  const { kept, report } = await clean([good, empty, copied], { filters: ['noise', 'unchanged'] });
  expect(kept).toEqual(['good']);
  expect(report).toEqual([
    { name: 'noise', description: expect.any(String), kept: 2, dropped: 1, shadow: false, examples: [{ id: 'empty', reason: 'a text is empty' }] },
    { name: 'unchanged', description: expect.any(String), kept: 1, dropped: 1, shadow: false, examples: [{ id: 'copied', reason: 'the correction changes nothing' }] },
  ]);
});

test('a shadow filter counts and drops nothing', async () => {
  const { kept, report } = await clean([good, empty], { filters: [{ name: 'noise', shadow: true }, 'unchanged'] });
  expect(kept).toEqual(['good', 'empty']);
  expect(report.map(({ kept: passed, dropped, shadow }) => [passed, dropped, shadow])).toEqual([[1, 1, true], [2, 0, false]]);
});

test('a shadow filter of duplicates counts what it would drop', async () => {
  const records = Array.from({ length: 5 }, (_, at) => tripleWith({ id: `r${at}` }));
  const { kept, report } = await clean(records, { filters: [{ name: 'exact-duplicates', shadow: true }] });
  expect([kept.length, report[0]?.dropped]).toEqual([5, 4]);
});

test('a record that a later filter drops hides no duplicate of it', async () => {
  const { kept } = await clean([tripleWith({ id: 'bad', aligned: ' ' }), good], { filters: ['exact-duplicates', 'near-duplicates', 'noise'] });
  expect(kept).toEqual(['good']);
});

test('parameters reach their filter', async () => {
  const { kept } = await clean([good], { filters: [{ name: 'length', maxWords: 3 }] });
  expect(kept).toEqual([]);
});

test('the report names at most three records and holds none of their texts', async () => {
  const secret = 'zebra crossing';
  const records = Array.from({ length: 6 }, (_, at) => tripleWith({ id: `r${at}`, prompt: secret, aligned: ' ' }));
  const { report } = await clean(records, { filters: ['noise'] });
  expect(report[0]?.examples.map(({ id }) => id)).toEqual(['r0', 'r1', 'r2']);
  expect(JSON.stringify(report)).not.toContain(secret);
  expect(report[0]).not.toHaveProperty('samples');
});

test('samples are kept when they are asked for', async () => {
  const { report } = await clean([empty], { filters: ['noise'], keepSamples: true });
  expect(report[0]?.samples).toEqual([empty]);
});

test('no filters keep everything', async () => {
  expect(await clean([good, empty], { filters: [] })).toEqual({ kept: ['good', 'empty'], report: [] });
});

test('a stream is read no further than it is asked for, and closed', async () => {
  let read = 0;
  let isClosed = false;
  async function* endless(): AsyncGenerator<Triple> {
    try {
      for (;;) yield tripleWith({ id: `r${read++}` });
    } finally {
      isClosed = true;
    }
  }
  for await (const record of cleanTriples(endless(), { filters: ['noise'] }).records) if (record.id === 'r4') break;
  expect([read, isClosed]).toEqual([5, true]);
});

describe('refuses', () => {
  test.each<[string, CleanOptions['filters'], RegExp]>([
    ['an unknown filter, and lists the known ones', ['polish'], /no cleaning filter polish\. Known filters: noise, .*near-duplicates/],
    ['an unknown parameter', [{ name: 'length', most: 3 }], /parameters of the filter length/],
    ['a parameter out of range', [{ name: 'near-duplicates', threshold: 0.2 }], /threshold/],
    ['an object without a name', [{ shadow: true } as unknown as string], /filters/],
  ])('%s', (_, filters, message) => {
    expect(() => cleanTriples([], { filters })).toThrow(expect.objectContaining({ code: 'invalid-options', message: expect.stringMatching(message) }));
  });
});

test('an abort from a timer ends a cleaning of records in memory with its reason', async () => {
  const reason = new DOMException('stop', 'AbortError');
  const controller = new AbortController();
  function* endless(): Generator<Triple> {
    for (;;) yield empty;
  }
  setTimeout(() => controller.abort(reason), 5);
  await expect(clean(endless(), { filters: ['noise'], signal: controller.signal })).rejects.toBe(reason);
});

test('names of filters are given once', () => {
  expect(new Set(filterDefinitions.map(({ name }) => name)).size).toBe(filterDefinitions.length);
  expect(defaultFilters).not.toContain('paper');
});

describe.each(Object.values(builtInCriteria).map((criterion): [string, Criterion] => [criterion.id, criterion]))('the criterion %s', (_, criterion) => {
  const asTriples = criterion.demonstrations.map(({ prompt, context, response, critique, correction }, at) =>
    tripleWith({ id: `d${at}`, criterion: criterion.id, prompt, context, misaligned: response, critique, aligned: correction, identity: response === correction }),
  );

  test('its filters are known', () => {
    expect(() => cleanTriples([], { filters: criterion.filters, criterion })).not.toThrow();
  });

  test('its demonstrations pass the default filters and the language, as far as they are no leak', async () => {
    const { report } = await clean(asTriples, { filters: [...defaultFilters, 'language', 'context-copied'] });
    expect(report.flatMap(({ name, examples }) => examples.map(({ id, reason }) => `${name} ${id} ${reason}`))).toEqual([]);
  });

  test('its demonstrations are a leak', async () => {
    expect((await clean(asTriples, { filters: ['leaked-prompt'], criterion })).kept).toEqual([]);
  });
});

test('filters without state and exact duplicates leave as many records of each prompt in any order', async () => {
  const prompts = [...madeUpQuestions(200, 1)];
  const records = [...prompts, ...prompts].map((prompt, at) => tripleWith({ id: `r${at}`, prompt, aligned: at % 7 === 0 ? ' ' : good.aligned }));
  const promptsKept = async (order: Triple[]): Promise<string[]> => {
    const { kept } = await clean(order, { filters: ['exact-duplicates', 'noise'] });
    return kept.map((id) => prompts[Number(id.slice(1)) % 200] ?? '').sort();
  };
  expect(await promptsKept(createRandom(2).shuffle([...records]))).toEqual(await promptsKept(records));
});
