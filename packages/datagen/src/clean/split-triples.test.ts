import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import type { Triple } from '../records/records.js';
import { nearDuplicateClusters } from './near-duplicate-clusters.js';
import { planSplit, splitTriples } from './split-triples.js';
import { madeUpQuestions, tripleWith } from './test-support.js';

function recordsOf(prompts: readonly string[]): Triple[] {
  return prompts.map((prompt, at) => tripleWith({ id: `r${at}`, prompt }));
}

const questions = [...madeUpQuestions(700, 8)];
// Each prompt up to three times, one of them with another case or another ending.
const records = recordsOf(questions.flatMap((prompt, at) => [prompt, prompt.toUpperCase(), `${prompt} `].slice(0, 1 + (at % 3))));
const options = { devShare: 0.1, seed: 1 };

const idsOf = (triples: readonly Triple[]): string[] => triples.map(({ id }) => id).sort();

test('each record is on one side, in the order given', () => {
  const { train, dev } = splitTriples(records, options);
  expect(idsOf([...train, ...dev])).toEqual(idsOf(records));
  expect(train).toEqual(records.filter((record) => train.includes(record)));
});

test('holds out the wanted share', () => {
  expect(splitTriples(records, options).dev.length).toBe(Math.round(records.length / 10));
});

test('no prompt and no cluster is on both sides', () => {
  const { dev } = splitTriples(records, options);
  const clusters = nearDuplicateClusters(records.map(({ prompt }) => prompt));
  const held = new Set(dev.map((record) => clusters[records.indexOf(record)]));
  expect(records.filter((record, at) => held.has(clusters[at]) !== dev.includes(record))).toEqual([]);
});

test('the order of the records does not matter', () => {
  const shuffled = createRandom(3).shuffle([...records]);
  expect(idsOf(splitTriples(shuffled, options).dev)).toEqual(idsOf(splitTriples(records, options).dev));
});

test('another seed holds other prompts out', () => {
  const [a, b] = [1, 2].map((seed) => new Set(idsOf(splitTriples(records, { devShare: 0.1, seed }).dev)));
  const shared = [...(a ?? [])].filter((id) => b?.has(id)).length;
  expect(shared).toBeLessThan(records.length / 20);
});

test('more records leave most of the others where they are', () => {
  const before = new Set(idsOf(splitTriples(records, options).dev));
  const after = new Set(idsOf(splitTriples([...records, ...recordsOf([...madeUpQuestions(30, 77)]).map((record) => ({ ...record, id: `new ${record.id}` }))], options).dev));
  expect([...before].filter((id) => !after.has(id)).length).toBeLessThan(before.size / 4);
});

test('a few records leave one to hold out and one to train on', () => {
  const { train, dev } = splitTriples(recordsOf(['Why is it cold?', 'Who made this lamp?', 'who made this lamp']), options);
  expect([train.length, dev.length]).toEqual([2, 1]);
});

test.each<[string, number, number, number]>([
  ['nothing', 0, 3, 0],
  ['everything', 1, 0, 3],
])('a share for %s', (_, devShare, trainSize, devSize) => {
  const { train, dev } = splitTriples(recordsOf(['Why is it cold?', 'Who made this lamp?', 'Where is Rome?']), { devShare, seed: 1 });
  expect([train.length, dev.length]).toEqual([trainSize, devSize]);
});

test('one cluster alone is trained on', () => {
  expect(splitTriples(recordsOf(['Why?', 'why', 'WHY?']), options).dev).toEqual([]);
});

test('a stream is split as a list is', async () => {
  async function* prompts(): AsyncGenerator<string> {
    for (const { prompt } of records) yield prompt;
  }
  const plan = await planSplit(prompts(), options);
  const { dev } = splitTriples(records, options);
  expect(records.filter((_, at) => plan.isDev(at))).toEqual(dev);
  expect([plan.size, plan.devSize]).toEqual([records.length, dev.length]);
});

test('an aborted plan rejects with the reason of the signal', async () => {
  const reason = new DOMException('stop', 'AbortError');
  await expect(planSplit(questions, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test.each([{ devShare: 1.5, seed: 1 }, { devShare: 0.1, seed: 0.5 }])('refuses %j', (faulty) => {
  expect(() => splitTriples(records, faulty)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
