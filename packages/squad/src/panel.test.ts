import { AlignSquadError, type Inspection } from '@align-squad/core';
import { expect, test } from 'vitest';
import { withCallScope } from './call-scope.js';
import { inspectWithPanel, type PanelResult } from './panel.js';
import { fakeInspector, judgeByText, toVerdict, type FakeInspector } from './test-support.js';

const now = (): number => performance.now();

function ask(
  inspectors: readonly FakeInspector[],
  criteria: readonly string[],
  responses: readonly string[],
): Promise<PanelResult[]> {
  return withCallScope({ signal: undefined, deadlineMs: undefined, now }, (scope) =>
    inspectWithPanel(
      responses.map((response) => ({ response })),
      { inspectors, criteria, restate: (_criterion, verdict) => verdict, scope, now },
    ),
  );
}

test('the first inspector that serves a criterion is asked for it, and verdicts come in the order of the criteria', async () => {
  const one = fakeInspector({ criteria: ['a', 'b'], judge: () => 0.1 });
  const two = fakeInspector({ criteria: ['b', 'c'], judge: () => 0.9 });
  const [result] = await ask([one, two], ['c', 'b', 'a'], ['x']);
  expect(Object.entries(result?.inspection ?? {}).map(([id, verdict]) => [id, verdict.misalignment])).toEqual([
    ['c', 0.9],
    ['b', 0.1],
    ['a', 0.1],
  ]);
  expect(result?.calls).toBe(2);
});

test('an inspector that serves nothing of what is asked is not called', async () => {
  const one = fakeInspector({ criteria: ['a'], judge: () => 0.1 });
  const two = fakeInspector({ criteria: ['b'], judge: () => 0.1 });
  await ask([one, two], ['a'], ['x']);
  expect(two.calls).toEqual([]);
});

test('inspectors run at the same time', async () => {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const waiting = fakeInspector({ criteria: ['a'], judge: () => 0.1, before: () => released });
  const releasing = fakeInspector({ criteria: ['b'], judge: () => 0.1, before: () => release() });
  const [result] = await ask([waiting, releasing], ['a', 'b'], ['x']);
  expect(result?.failure).toBeUndefined();
});

test('batches are no larger than the inspector takes', async () => {
  const inspector = fakeInspector({ criteria: ['a'], judge: judgeByText, maxBatchSize: 2 });
  const results = await ask([inspector], ['a'], ['a1', 'a2', 'a3', 'a4', 'a5']);
  expect(inspector.calls).toEqual([['a1', 'a2'], ['a3', 'a4'], ['a5']]);
  expect(results.map((result) => result.inspection['a']?.misalignment)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
});

test('an inspector that fails leaves its criteria unknown and the others judged', async () => {
  const broken = fakeInspector({
    criteria: ['a'],
    judge: () => 0.1,
    before: () => Promise.reject(new TypeError('secret text')),
  });
  const sound = fakeInspector({ criteria: ['b'], judge: () => 0.1 });
  const [result] = await ask([broken, sound], ['a', 'b'], ['x']);
  expect(result?.inspection['a']).toEqual({ status: 'unknown', misalignment: 1, threshold: 0.5, reason: 'failed' });
  expect(result?.inspection['b']?.status).toBe('pass');
  expect(result?.failure).toMatchObject({ code: 'inspector-failed', message: 'An inspector failed.' });
});

test('an error of align-squad keeps its code and message', async () => {
  const error = new AlignSquadError('The pack was closed.', { code: 'disposed' });
  const inspector = fakeInspector({ criteria: ['a'], judge: () => 0.1, before: () => Promise.reject(error) });
  expect((await ask([inspector], ['a'], ['x']))[0]?.failure).toBe(error);
});

test('an exchange that breaks its batch does not lose the others', async () => {
  const inspector = fakeInspector({
    criteria: ['a'],
    judge: () => 0.1,
    before: (exchanges) =>
      exchanges.some(({ response }) => response === 'bad') ? Promise.reject(new TypeError('x')) : undefined,
  });
  const results = await ask([inspector], ['a'], ['good', 'bad', 'fine']);
  expect(results.map((result) => result.inspection['a']?.status)).toEqual(['pass', 'unknown', 'pass']);
  expect(results.map((result) => result.calls)).toEqual([2, 2, 2]);
});

test('a missing verdict makes that criterion unknown and keeps the rest', async () => {
  const inspector = fakeInspector({ criteria: ['a', 'b'], judge: () => 0.1 });
  const partial = { ...inspector, inspect: async (): Promise<Inspection[]> => [{ a: toVerdict(0.1) }] };
  const [result] = await ask([partial], ['a', 'b'], ['x']);
  expect(result?.inspection).toMatchObject({ a: { status: 'pass' }, b: { status: 'unknown', reason: 'failed' } });
});

test('too few inspections are a failure', async () => {
  const inspector = fakeInspector({ criteria: ['a'], judge: () => 0.1 });
  const short = { ...inspector, inspect: async (): Promise<Inspection[]> => [] };
  expect((await ask([short], ['a'], ['x']))[0]?.failure?.code).toBe('inspector-failed');
});
