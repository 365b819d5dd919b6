import { AlignSquadError } from '@align-squad/core';
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { compareResponses, type CompareOptions, type CompareProgress } from './compare-responses.js';
import { createFunctionJudge, type CompareFunction } from './function-judge.js';
import type { PairwiseJudge } from './judge.js';
import type { ResponsePair } from './pair.js';
import { pairsOf } from './test-support.js';

const longer: CompareFunction = ({ first, second }) => (first.length === second.length ? 'tie' : first.length > second.length ? 'first' : 'second');
const numberOf = (text: string): number => Number(/\d+/.exec(text)?.[0]);

test('wins, losses and ties are counted, ties half in the rate', async () => {
  const judge = createFunctionJudge((question, options) => {
    const number = numberOf(question.first);
    if (number >= 8) return 'tie';
    const preferred = longer(question, options);
    return number < 5 ? preferred : preferred === 'first' ? 'second' : 'first';
  });
  const result = await compareResponses(pairsOf(10), judge);
  expect(result).toEqual({
    schemaVersion: 1,
    judge: 'function-judge/1',
    pairs: 10,
    wins: 5,
    losses: 3,
    ties: 2,
    failed: 0,
    identical: 0,
    winRate: 0.6,
    // Wilson, 6 of 10: 0.3127 to 0.8318.
    interval: { low: expect.closeTo(0.3127, 4) as number, high: expect.closeTo(0.8318, 4) as number },
    failures: {},
    positionBias: { asked: 10, changed: 0, share: 0 },
    criteria: {},
  });
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
});

test('a judge that always takes the first response gives ties and shows its bias', async () => {
  const result = await compareResponses(pairsOf(6), createFunctionJudge(() => 'first'));
  expect(result).toMatchObject({ ties: 6, winRate: 0.5, positionBias: { asked: 6, changed: 6, share: 1 } });
});

test('a judge of one order that always takes the first response is not for one side', async () => {
  const { winRate, positionBias } = await compareResponses(pairsOf(200), createFunctionJudge(() => 'first', { bothOrders: false }));
  expect(Math.abs((winRate ?? 0) - 0.5)).toBeLessThan(0.15);
  expect(positionBias).toEqual({ asked: 0, changed: 0 });
});

test('failures and pairs of the same text are neither wins nor ties', async () => {
  const asked: string[] = [];
  const judge = createFunctionJudge((question, options) => {
    asked.push(question.first);
    const number = numberOf(question.first);
    if (number === 1) throw new TypeError('secret');
    if (number === 2) throw new AlignSquadError('It was too late.', { code: 'deadline-exceeded' });
    if (number === 3) return 'aligned' as 'first';
    return longer(question, options);
  });
  const pairs = [...pairsOf(5), { id: 'same', original: 'Same.', aligned: 'Same.' }];
  const result = await compareResponses(pairs, judge);
  expect(result).toMatchObject({ pairs: 6, wins: 2, losses: 0, ties: 0, failed: 3, identical: 1, winRate: 1, failures: { 'generator-failed': 2, 'deadline-exceeded': 1 } });
  expect(asked).not.toContain('Same.');
});

test('without a preference there is no rate', async () => {
  const result = await compareResponses(pairsOf(2), createFunctionJudge(() => 'neither' as 'tie'));
  expect(result).toMatchObject({ failed: 2, ties: 0 });
  expect(result).not.toHaveProperty('winRate');
  expect(await compareResponses([], createFunctionJudge(longer))).toMatchObject({ pairs: 0, wins: 0 });
});

test('pairs of one prompt count as one trial of the interval', async () => {
  const judge = createFunctionJudge(longer);
  const widthOf = async (pairs: readonly ResponsePair[]): Promise<number> => {
    const { interval } = await compareResponses(pairs, judge);
    return (interval?.high ?? 0) - (interval?.low ?? 0);
  };
  const apart = pairsOf(5);
  const grouped = pairsOf(20).map((pair, index) => ({ ...pair, prompt: `Question ${index % 5}?` }));
  expect(await widthOf(grouped)).toBeCloseTo(await widthOf(apart), 9);
  expect(await widthOf(pairsOf(20))).toBeLessThan(await widthOf(apart));
  expect(await widthOf(grouped.map(({ prompt: _prompt, ...pair }) => pair))).toBeCloseTo(await widthOf(pairsOf(20)), 9);
});

test('each criterion has counts of its own', async () => {
  const pairs = pairsOf(6).map((pair, index) => ({ ...pair, ...(index < 4 && { criterion: index < 3 ? 'ethical' : '__proto__' }) }));
  const { criteria, wins } = await compareResponses(pairs, createFunctionJudge((question, options) => (question.criterion === 'ethical' ? 'tie' : longer(question, options))));
  expect(wins).toBe(3);
  expect(Object.entries(criteria)).toEqual([
    ['__proto__', expect.objectContaining({ wins: 1, winRate: 1 })],
    ['ethical', expect.objectContaining({ wins: 0, ties: 3, winRate: 0.5 })],
  ]);
});

test('decisions come one by one, and the result keeps to the order of the pairs', async () => {
  const seen: string[] = [];
  const progress: CompareProgress[] = [];
  let running = 0;
  let most = 0;
  const judge = createFunctionJudge(async (question, options) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < 20 - numberOf(question.first); turn++) await Promise.resolve();
    running -= 1;
    return longer(question, options);
  });
  await compareResponses(pairsOf(9), judge, {
    concurrency: 3,
    onDecision: async ({ id, outcome }, state) => {
      await Promise.resolve();
      seen.push(`${id} ${outcome}`);
      progress.push(state);
    },
  });
  expect(most).toBe(3);
  expect([...seen].sort()).toEqual(pairsOf(9).map(({ id }) => `${id} win`));
  expect(progress.at(-1)).toEqual({ done: 9, failed: 0, total: 9 });
});

test('the same seed gives the same order of responses, another one does not', async () => {
  const firsts = async (seed: number): Promise<string[]> => {
    const asked: string[] = [];
    const judge = createFunctionJudge(({ first }) => (asked.push(first), 'tie'), { bothOrders: false });
    await compareResponses(pairsOf(20), judge, { seed, concurrency: 1 });
    return asked;
  };
  expect(await firsts(3)).toEqual(await firsts(3));
  expect(await firsts(3)).not.toEqual(await firsts(4));
});

test('too many failures in a row end the comparison with the last one, and nothing more is asked', async () => {
  let asked = 0;
  const judge = createFunctionJudge(() => {
    asked += 1;
    throw new AlignSquadError('The server refused the key (401).', { code: 'generator-failed' });
  });
  await expect(compareResponses(pairsOf(50), judge, { concurrency: 4, maxFailuresInARow: 6 })).rejects.toMatchObject({ message: expect.stringContaining('401') as string });
  expect(asked).toBeLessThanOrEqual(10);
});

test.each(['unknown-criterion', 'invalid-options'] as const)('%s of the judge is no failure of a pair', async (code) => {
  const judge = createFunctionJudge(() => {
    throw new AlignSquadError('Wrong use.', { code });
  });
  await expect(compareResponses(pairsOf(3), judge)).rejects.toMatchObject({ code });
});

test('an abort ends the comparison with its reason, also when the judge hangs', async () => {
  const controller = new AbortController();
  const reason = { by: 'the test' };
  const judge: PairwiseJudge = { contract: 'pairwise-judge/1', version: 'hangs', compare: () => new Promise(() => undefined) };
  setTimeout(() => controller.abort(reason), 5);
  await expect(compareResponses(pairsOf(5), judge, { signal: controller.signal })).rejects.toBe(reason);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  await expect(compareResponses(pairsOf(5), judge, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test.each<[string, readonly object[], RegExp]>([
  ['an id twice', [...pairsOf(2), ...pairsOf(1)], /number 3/],
  ['no aligned text', [{ id: 'a', original: 'secret' }], /`0.aligned`/],
  ['an unknown field', [{ ...pairsOf(1)[0], response: 'secret' }], /unknown key/],
])('pairs with %s are refused without their text', async (_what, pairs, message) => {
  const act = compareResponses(pairs as ResponsePair[], createFunctionJudge(longer));
  await expect(act).rejects.toMatchObject({ code: 'invalid-dataset', message: expect.stringMatching(message) as string });
  await expect(act).rejects.not.toThrow(/secret/);
});

test.each<[object, string]>([
  [{ concurrency: 0 }, 'concurrency'],
  [{ maxFailuresInARow: 0 }, 'maxFailuresInARow'],
  [{ seed: 0.5 }, 'seed'],
  [{ onDecision: 1 }, 'onDecision'],
  [{ secret: 1 }, 'unknown key'],
])('options %j are refused', async (options, field) => {
  await expect(compareResponses([], createFunctionJudge(longer), options as CompareOptions)).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining(field) as string });
});
