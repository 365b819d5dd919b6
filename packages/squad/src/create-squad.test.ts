import type { AlignRequest, Verdict } from '@align-squad/core';
import { expect, test } from 'vitest';
import { createSquad } from './create-squad.js';
import { fakeAligner, fakeInspector, judgeByText, type FakeAligner } from './test-support.js';

/** An aligner that gives these rewrites, in this order. */
const offering = (criteria: readonly string[], rewrites: readonly string[], version = 'offering'): FakeAligner =>
  fakeAligner(criteria, ({ candidate }) => rewrites[candidate ?? 0], { maxCandidates: rewrites.length, version });
const inspectorOf = (...criteria: string[]): ReturnType<typeof fakeInspector> =>
  fakeInspector({ criteria, judge: judgeByText });
const asked = (aligner: FakeAligner): string[] =>
  aligner.requests.map(({ exchange, criterion, candidate }) => `${exchange.response} | ${criterion} ${candidate}`);

test('a clean response comes back as it is, after one inspector call', async () => {
  const inspector = inspectorOf('a', 'b');
  const aligner = offering(['a', 'b'], ['x']);
  const result = await createSquad({ inspectors: [inspector], aligners: [aligner] }).align('a1 b2');
  expect(result).toMatchObject({ outcome: 'clean', response: 'a1 b2', original: 'a1 b2', changed: false, steps: [] });
  expect(result.timing.inspectorCalls).toBe(1);
  expect(inspector.calls).toEqual([['a1 b2']]);
  expect(aligner.requests).toEqual([]);
});

test('a flagged response is rewritten, and the step says what happened', async () => {
  const squad = createSquad({ inspectors: [inspectorOf('a', 'b')], aligners: [offering(['a'], ['now a1 b2'])] });
  const result = await squad.align({ prompt: 'p', response: 'now a9 b2' });
  expect(result).toMatchObject({ outcome: 'aligned', response: 'now a1 b2', original: 'now a9 b2', changed: true });
  expect(result.originalInspections['a']).toMatchObject({ status: 'flag', misalignment: 0.9 });
  expect(result.inspections['a']).toMatchObject({ status: 'pass', misalignment: 0.1 });
  expect(result.steps).toEqual([
    {
      criterion: 'a',
      aligner: 'offering',
      candidate: 0,
      before: { a: 0.9, b: 0.2 },
      after: { a: 0.1, b: 0.2 },
      accepted: true,
      diff: [
        { type: 'same', text: 'now ' },
        { type: 'removed', text: 'a9' },
        { type: 'added', text: 'a1' },
        { type: 'same', text: ' b2' },
      ],
      milliseconds: expect.any(Number),
    },
  ]);
});

test('the aligner sees prompt, context, present text and verdict', async () => {
  const seen: AlignRequest[] = [];
  const aligner = fakeAligner(['a'], (request) => {
    seen.push(request);
    return 'a0';
  });
  const squad = createSquad({ inspectors: [inspectorOf('a')], aligners: [aligner] });
  await squad.align({ prompt: 'p', context: 'c', response: 'a9' });
  expect(seen).toEqual([
    {
      exchange: { prompt: 'p', context: 'c', response: 'a9' },
      criterion: 'a',
      candidate: 0,
      verdict: { status: 'flag', misalignment: 0.9, threshold: 0.5 },
    },
  ]);
});

test('the criterion furthest over its threshold goes first', async () => {
  const aligner = fakeAligner(['a', 'b'], ({ exchange, criterion }) =>
    exchange.response.replace(new RegExp(`${criterion}\\d`), `${criterion}0`),
  );
  const squad = createSquad({
    inspectors: [inspectorOf('a', 'b')],
    aligners: [aligner],
    thresholds: { a: 0.6, b: 0.1 },
  });
  const result = await squad.align('a9 b6');
  expect(asked(aligner)).toEqual(['a9 b6 | b 0', 'a9 b0 | a 0']);
  expect(result).toMatchObject({ outcome: 'aligned', response: 'a0 b0' });
});

test('rejected candidates are followed by the next one, then by the next aligner', async () => {
  const small = offering(['a'], ['a9 b0 worse', 'a0 b9'], 'small');
  const large = offering(['a'], ['a0 b0'], 'large');
  const result = await createSquad({ inspectors: [inspectorOf('a', 'b')], aligners: [small, large] }).align('a9 b0');
  expect(result.steps.map((step) => [step.aligner, step.candidate, step.rejection ?? 'accepted'])).toEqual([
    ['small', 0, 'no-improvement'],
    ['small', 1, 'regression'],
    ['large', 0, 'accepted'],
  ]);
  expect(result.outcome).toBe('aligned');
});

test('an accepted rewrite that is still flagged is rewritten again, from the first candidate', async () => {
  const aligner = fakeAligner(['a'], ({ exchange }) => ({ a9: 'a7', a7: 'a2' }[exchange.response]));
  const result = await createSquad({ inspectors: [inspectorOf('a')], aligners: [aligner] }).align('a9');
  expect(asked(aligner)).toEqual(['a9 | a 0', 'a7 | a 0']);
  expect(result).toMatchObject({ outcome: 'aligned', response: 'a2' });
});

test('a criterion that is used up is tried again once the text has changed', async () => {
  const forA = fakeAligner(['a'], ({ exchange }) => (exchange.response === 'a9 b1' ? 'a1 b1' : undefined));
  const forB = offering(['b'], ['a9 b1']);
  const result = await createSquad({ inspectors: [inspectorOf('a', 'b')], aligners: [forA, forB] }).align('a9 b8');
  expect(result.steps.map((step) => `${step.criterion} ${step.rejection ?? 'accepted'}`)).toEqual([
    'a no-rewrite',
    'b accepted',
    'a accepted',
  ]);
  expect(result.outcome).toBe('aligned');
});

test('no text is scored twice, whoever wrote it', async () => {
  const inspector = inspectorOf('a');
  const result = await createSquad({
    inspectors: [inspector],
    aligners: [offering(['a'], ['a8 same', 'a8 same'], 'one'), offering(['a'], ['a9', 'a8 same'], 'two')],
    acceptance: { minImprovement: 0.2 },
  }).align('a9');
  expect(inspector.calls).toEqual([['a9'], ['a8 same']]);
  expect(result.steps.map((step) => step.rejection)).toEqual([
    'no-improvement',
    'no-improvement',
    'unchanged',
    'no-improvement',
  ]);
  expect(result).toMatchObject({ outcome: 'unfixed', response: 'a9', changed: false });
});

test('no more rewrites are asked than maxAttempts', async () => {
  const aligner = fakeAligner(['a'], ({ candidate }) => `a9 try ${candidate}`, { maxCandidates: Infinity });
  const result = await createSquad({ inspectors: [inspectorOf('a')], aligners: [aligner] }).align('a9', {
    maxAttempts: 3,
  });
  expect(result).toMatchObject({ outcome: 'unfixed', response: 'a9' });
  expect(result.steps).toHaveLength(3);
});

test('an aligner that has none is not asked for its further candidates', async () => {
  const aligner = fakeAligner(['a'], () => undefined, { maxCandidates: 5 });
  const result = await createSquad({ inspectors: [inspectorOf('a')], aligners: [aligner] }).align('a9');
  expect(result.steps.map((step) => step.rejection)).toEqual(['no-rewrite']);
  expect(result.steps[0]?.diff).toEqual([]);
  expect(result.steps[0]?.after).toBeUndefined();
});

test('a blank rewrite is none, although nothing in it could be flagged', async () => {
  const result = await createSquad({
    inspectors: [inspectorOf('a')],
    aligners: [offering(['a'], [' \n', 'a1'])],
  }).align('a9');
  expect(result.steps.map((step) => step.rejection)).toEqual(['no-rewrite']);
  expect(result).toMatchObject({ outcome: 'unfixed', response: 'a9' });
});

test.each(['', ' \n\t'])('the blank response %j is inspected like any other', async (response) => {
  const strict = fakeInspector({ criteria: ['a'], judge: (exchange) => (exchange.response.trim() === '' ? 0.9 : 0.1) });
  const result = await createSquad({ inspectors: [strict], aligners: [offering(['a'], ['an answer'])] }).align(
    response,
  );
  expect(result).toMatchObject({ outcome: 'aligned', response: 'an answer', original: response });
  const mild = createSquad({ inspectors: [inspectorOf('a')], aligners: [] });
  expect(await mild.align(response)).toMatchObject({ outcome: 'clean', response });
});

test('thresholds of the caller replace those of the inspector', async () => {
  const squad = createSquad({ inspectors: [inspectorOf('a')], aligners: [] });
  expect((await squad.align('a6', { thresholds: { a: 0.7 } })).outcome).toBe('clean');
  expect((await squad.align('a3', { thresholds: { a: 0.2 } })).outcome).toBe('unfixed');
});

test('a criterion without its context neither flags nor passes', async () => {
  const noContext: Verdict = { status: 'unknown', misalignment: 1, threshold: 0.5, reason: 'no-context' };
  const inspector = fakeInspector({
    criteria: ['a', 'f'],
    judge: (exchange, criterion) =>
      criterion === 'f' && exchange.context === undefined ? noContext : judgeByText(exchange, criterion),
  });
  const squad = createSquad({ inspectors: [inspector], aligners: [offering(['f'], ['f1'])] });
  expect((await squad.align('a1 f9')).outcome).toBe('clean');
  expect(await squad.align('a1 f9', { criteria: ['f'] })).toMatchObject({ outcome: 'unfixed', steps: [] });
  expect((await squad.align({ context: 'c', response: 'a1 f9' })).outcome).toBe('aligned');
});

test('times add up by the given clock', async () => {
  let clock = 0;
  const inspector = fakeInspector({ criteria: ['a'], judge: judgeByText, before: () => void (clock += 10) });
  const aligner = fakeAligner(['a'], () => {
    clock += 100;
    return 'a0';
  });
  const result = await createSquad({ inspectors: [inspector], aligners: [aligner], now: () => clock }).align('a9');
  expect(result.timing).toEqual({ totalMs: 120, inspectMs: 20, alignMs: 100, inspectorCalls: 2 });
  expect(result.steps[0]?.milliseconds).toBe(110);
});

test('a malformed exchange rejects before any work', async () => {
  const inspector = inspectorOf('a');
  const squad = createSquad({ inspectors: [inspector], aligners: [] });
  // casts, because the types forbid what is tested
  await expect(squad.align(undefined as unknown as string)).rejects.toMatchObject({ code: 'invalid-exchange' });
  const broken = squad.inspectMany(['a1', { response: 5 }] as unknown as string[]);
  await expect(broken).rejects.toMatchObject({ code: 'invalid-exchange', message: expect.stringContaining('index 1') });
  await expect(squad.inspectMany('a1' as unknown as string[])).rejects.toMatchObject({ code: 'invalid-exchange' });
  expect(inspector.calls).toEqual([]);
});

test('many are inspected in batches', async () => {
  const inspector = fakeInspector({ criteria: ['a'], judge: judgeByText, maxBatchSize: 2 });
  const squad = createSquad({ inspectors: [inspector], aligners: [] });
  expect((await squad.inspectMany(['a1', 'a9', 'a3'])).map(({ a }) => a?.misalignment)).toEqual([0.1, 0.9, 0.3]);
  expect(inspector.calls).toEqual([['a1', 'a9'], ['a3']]);
  expect(await squad.inspectMany([])).toEqual([]);
});

test('an unknown criterion rejects before any work', async () => {
  const inspector = inspectorOf('a');
  const squad = createSquad({ inspectors: [inspector], aligners: [] });
  await expect(squad.align('a1', { criteria: ['z'] })).rejects.toMatchObject({ code: 'unknown-criterion' });
  expect(inspector.calls).toEqual([]);
});

test('inspect gives the verdicts and asks no aligner', async () => {
  const aligner = offering(['a'], ['a0']);
  const squad = createSquad({ inspectors: [inspectorOf('a', 'b')], aligners: [aligner] });
  expect(await squad.inspect('a9', { criteria: ['a'] })).toEqual({
    a: { status: 'flag', misalignment: 0.9, threshold: 0.5 },
  });
  expect(Object.keys((await squad.inspectMany(['a9', 'b9']))[1] ?? {})).toEqual(['a', 'b']);
  expect(aligner.requests).toEqual([]);
});
