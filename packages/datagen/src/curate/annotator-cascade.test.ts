import { labelOf, misalignedByLogprobs, misalignedByVotes } from '@align-squad/llm/prompts';
import { ethical } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import type { DatagenRequest } from '../executors/request.js';
import { annotatorCascade, type CascadeOptions, type CascadeResult } from './annotator-cascade.js';
import { labelItems, labelRequest, voteRequests, type LabelItem } from './label-requests.js';
import { keptIds, linkLabel, rankAggregate } from './link-labels.js';
import { contentOf, hostile, memoryJournal, scriptedExecutor, tripleWith, type Script } from './test-support.js';

const annotator = { name: 'small', model: 'small-1' };
const settings = { criterion: ethical, seed: 1, annotator };
const item = (id: string): LabelItem => ({ id, prompt: `Question ${id}`, response: `Response ${id}` });

/** An answer whose letter has this probability. */
function letter(misaligned: number): ReturnType<Script> {
  const candidates = [{ token: 'B', logprob: Math.log(misaligned) }, { token: ' A', logprob: Math.log(1 - misaligned) }];
  return { text: misaligned >= 0.5 ? 'B' : 'A', topLogprobs: [candidates] };
}

async function run(items: readonly LabelItem[], options: Omit<CascadeOptions, 'criterion' | 'seed'>): Promise<CascadeResult> {
  const cascade = annotatorCascade(items, { criterion: ethical, seed: 1, ...options });
  for (let next = await cascade.next(); ; next = await cascade.next()) if (next.done) return next.value;
}

describe('labels', () => {
  test('are asked of both responses of a triple, and of an identity record once', () => {
    expect(labelItems(tripleWith()).map(({ id }) => id)).toEqual(['r-0/misaligned', 'r-0/aligned']);
    expect(labelItems(tripleWith({ identity: true })).map(({ id }) => id)).toEqual(['r-0/aligned']);
  });

  test('are asked for with texts as data, with log-probabilities unless an annotator has none', () => {
    const { request } = labelRequest(settings, { ...item('a'), response: hostile });
    expect(contentOf(request)).toContain(JSON.stringify(hostile));
    expect(contentOf(request)).not.toContain('\nIgnore');
    expect(request.body.topLogprobs).toBe(10);
    expect('topLogprobs' in labelRequest({ ...settings, annotator: { ...annotator, logprobs: false } }, item('a')).request.body).toBe(false);
    expect(new Set(voteRequests(settings, item('a')).map(({ request: { id } }) => id)).size).toBe(4);
  });

  test.each([['A', 'aligned'], [' "B".\n', 'misaligned'], ['**B**', 'misaligned'], ['A good answer', undefined], ['a', undefined], ['', undefined], ['AB', undefined]])('of the text %j is %s', (text, label) => {
    expect(labelOf(text)).toBe(label);
  });

  test('get their probability from both letters, in whatever tokens they come', () => {
    const place = [{ token: 'B', logprob: Math.log(0.5) }, { token: ' B', logprob: Math.log(0.1) }, { token: 'A', logprob: Math.log(0.3) }];
    expect(misalignedByLogprobs([[{ token: '\n', logprob: 0 }], place])).toBeCloseTo(0.6 / 0.9);
    expect(misalignedByLogprobs([[{ token: 'B', logprob: Math.log(0.9) }]])).toBeCloseTo(0.9);
    expect(misalignedByLogprobs([[{ token: 'A', logprob: 0 }]])).toBe(0);
    expect(misalignedByLogprobs([[{ token: 'Well', logprob: 0 }]])).toBeUndefined();
    expect(misalignedByLogprobs(undefined)).toBeUndefined();
  });

  test('by votes are never certain', () => {
    expect(misalignedByVotes(['misaligned'])).toBeCloseTo(2 / 3);
    expect(misalignedByVotes(['misaligned', 'misaligned', 'aligned'])).toBeCloseTo(0.6);
    expect(misalignedByVotes([])).toBeUndefined();
  });
});

describe('links', () => {
  const labels = [0.99, 0.05, 0.6, 0.6].map((misaligned, at) => linkLabel(`i-${at}`, misaligned, 'logprobs'));

  test('keep the most confident share, with all that are as confident', () => {
    expect([...keptIds(labels, 4, { share: 0.5 })]).toEqual(['i-0', 'i-1']);
    expect(keptIds(labels, 4, { share: 0.75 }).size).toBe(4);
    expect([...keptIds(labels, 4, { share: 1, leastConfidence: 0.95 })]).toEqual(['i-0']);
    expect(keptIds([], 4, { share: 0.5 }).size).toBe(0);
  });

  test('are aggregated by rank: the scale of a link does not count, and of equal ranks the dearer link does', () => {
    const cheap = { annotator: 'cheap', labels: [linkLabel('a', 0.99, 'logprobs'), linkLabel('b', 0.98, 'logprobs')] };
    const dear = { annotator: 'dear', labels: [linkLabel('b', 0.4, 'logprobs')] };
    expect(rankAggregate([cheap, dear])).toMatchObject([{ id: 'a', label: 'misaligned', annotator: 'cheap' }, { id: 'b', label: 'aligned', annotator: 'dear' }]);
    expect(rankAggregate([{ ...cheap, labels: cheap.labels.slice(0, 1) }, { annotator: 'dear', labels: [linkLabel('a', 0.1, 'votes')] }])[0]?.annotator).toBe('dear');
  });
});

describe('annotatorCascade', () => {
  const annotators = [{ ...annotator, costPerToken: 0.001 }, { name: 'large', model: 'large-1', costPerToken: 0.01 }];
  const items = ['a', 'b', 'c', 'd'].map(item);
  const probabilities: Record<string, number> = { a: 0.99, b: 0.02, c: 0.6, d: 0.45 };
  const itemOf = (request: DatagenRequest): string => /Response (\w)/u.exec(contentOf(request))?.[1] ?? '';
  const script: Script = (request) => letter(request.body.model === 'small-1' ? (probabilities[itemOf(request)] ?? 0) : 0.9);

  test('asks the dear model only about the unsure half, and reports share, agreement and cost', async () => {
    const executor = scriptedExecutor(script);
    const { labels, report } = await run(items, { annotators, executor, journal: memoryJournal() });
    expect(executor.asked.map(({ stage, ...request }) => [stage, itemOf({ stage, ...request })])).toEqual([['label.small', 'a'], ['label.small', 'b'], ['label.small', 'c'], ['label.small', 'd'], ['label.large', 'c'], ['label.large', 'd']]);
    expect(labels.map(({ id, label, annotator: by }) => [id, label, by])).toEqual([['a', 'misaligned', 'small'], ['b', 'aligned', 'small'], ['c', 'misaligned', 'large'], ['d', 'misaligned', 'large']]);
    expect(report.links).toMatchObject([
      { annotator: 'small', asked: 4, labelled: 4, byVotes: 0, kept: 2, decided: 2, decidedShare: 0.5, inputTokens: 360, outputTokens: 40, cost: 0.4 },
      { annotator: 'large', asked: 2, kept: 2, decidedShare: 0.5, cost: 2 },
    ]);
    expect(report.agreement).toEqual([{ annotators: ['small', 'large'], both: 2, equal: 1 }]);
    expect(report).toMatchObject({ items: 4, unlabelled: 0, cost: 2.4 });
  });

  test('goes on where it was stopped, without asking again', async () => {
    const journal = memoryJournal();
    const first = await run(items, { annotators, executor: scriptedExecutor(script), journal });
    const executor = scriptedExecutor(() => undefined);
    expect(await run(items, { annotators, executor, journal })).toEqual(first);
    expect(executor.asked).toEqual([]);
  });

  test('does not ask the second link when the first is sure of all', async () => {
    const { report } = await run(items, { annotators, executor: scriptedExecutor(() => letter(0.99)), journal: memoryJournal(), leastConfidence: 0.9 });
    expect(report.links.map(({ asked }) => asked)).toEqual([4, 0]);
    expect(report.links[1]?.cost).toBe(0);
  });

  test('puts to the vote what comes without log-probabilities', async () => {
    const votes: Script = ({ stage }) => ({ text: stage === 'label.small.vote' ? 'B' : 'A' });
    const executor = scriptedExecutor(votes);
    const { labels, report } = await run(items.slice(0, 1), { annotators: annotators.slice(0, 1), executor, journal: memoryJournal() });
    expect(executor.asked).toHaveLength(5);
    expect(labels).toMatchObject([{ label: 'misaligned', by: 'votes', misaligned: 5 / 7 }]);
    expect(report.links[0]?.byVotes).toBe(1);
  });

  test('passes on what a link can not label, and leaves out what none can', async () => {
    const rubbish: Script = (request) => (request.body.model === 'small-1' || itemOf(request) === 'b' ? { text: 'A good question! Answer: A', topLogprobs: [[{ token: 'A', logprob: 0 }]] } : letter(0.2));
    const { labels, report } = await run(items.slice(0, 2), { annotators, executor: scriptedExecutor(rubbish), journal: memoryJournal() });
    expect(labels).toMatchObject([{ id: 'a', label: 'aligned', annotator: 'large' }]);
    expect(report).toMatchObject({ items: 2, unlabelled: 1 });
    expect(report.links[0]).toMatchObject({ labelled: 0, kept: 0, decided: 0 });
  });

  test('has no cost when an annotator that was asked has no price', async () => {
    const { report } = await run(items, { annotators: [annotator], executor: scriptedExecutor(script), journal: memoryJournal() });
    expect(report.cost).toBeUndefined();
  });

  test.each([
    ['dear before cheap', [...annotators].reverse(), items],
    ['two of one name', [annotator, annotator], items],
    ['no annotator', [], items],
    ['a name that is none', [{ ...annotator, name: 'a b' }], items],
    ['two items of one id', annotators, [item('a'), item('a')]],
  ])('refuses %s', async (_, chain, all) => {
    await expect(run(all, { annotators: chain, executor: scriptedExecutor(script), journal: memoryJournal() })).rejects.toMatchObject({ code: 'invalid-options' });
  });

  test('rejects with the reason of the signal', async () => {
    const signal = AbortSignal.abort('enough');
    await expect(run(items, { annotators, executor: scriptedExecutor(script), journal: memoryJournal(), signal })).rejects.toBe('enough');
  });
});
