import type { Exchange } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { createSquad, type Squad } from './create-squad.js';
import type { SquadOptions } from './options.js';
import { paperBatchSize } from './paper-order.js';
import { collect, fakeAligner, fakeInspector, judgeByText, never, type FakeInspector } from './test-support.js';

const inspectorOf = (...criteria: string[]): FakeInspector => fakeInspector({ criteria, judge: judgeByText });
const fixing = fakeAligner(['a', 'b'], ({ exchange, criterion }) => exchange.response.replace(`${criterion}9`, `${criterion}1`));
const squadOf = (options: Partial<SquadOptions> = {}): Squad =>
  createSquad({ inspectors: [inspectorOf('a', 'b')], aligners: [fixing], now: () => 0, ...options });
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const orders = ['verified', 'paper'] as const;

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

/** An endless source that counts what was read. */
function counted(give: (index: number) => string): { source: Iterable<string>; read: () => number; closed: () => boolean } {
  let read = 0;
  let closed = false;
  function* generate(): Generator<string> {
    try {
      for (;;) yield give(read++);
    } finally {
      closed = true;
    }
  }
  return { source: generate(), read: () => read, closed: () => closed };
}

describe.each(orders)('in the order %s', (order) => {
  test.each<[string, (items: readonly string[]) => Iterable<string> | AsyncIterable<string>]>([
    ['an array', (items) => items],
    ['a set', (items) => new Set(items)],
    ['an async generator', asyncOf],
    ['a ReadableStream', (items) => new Blob([items.join('')]).stream().pipeThrough(new TransformStream({
      start: (controller) => {
        for (const item of items) controller.enqueue(item);
      },
      transform: () => undefined,
    }))],
  ])('%s gives its results in order', async (_name, from) => {
    const items = ['a9 0', 'a1 1', 'b9 2', 'a9 b9 3', 'b8 4', 'a2 5'];
    const results = await collect(squadOf({ order }).alignMany(from(items)));
    expect(results.map(({ original }) => original)).toEqual(items);
    expect(results.map(({ outcome }) => outcome)).toEqual(['aligned', 'clean', 'aligned', 'aligned', 'unfixed', 'clean']);
  });

  test('no exchanges give no results', async () => {
    expect(await collect(squadOf({ order }).alignMany([]))).toEqual([]);
  });

  test('a malformed exchange rejects in its place with its index', async () => {
    // a cast, because the types forbid what is tested
    const items = ['a1', 'a9', { response: 5 }, 'a1'] as unknown as Exchange[];
    const results = squadOf({ order }).alignMany(items);
    expect((await results.next()).value).toMatchObject({ outcome: 'clean' });
    expect((await results.next()).value).toMatchObject({ outcome: 'aligned' });
    await expect(results.next()).rejects.toMatchObject({
      code: 'invalid-exchange',
      message: expect.stringContaining('index 2'),
    });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test('a source that fails rejects after the results before it', async () => {
    const source = (function* () {
      yield 'a1';
      throw new TypeError('secret');
    })();
    const results = squadOf({ order }).alignMany(source);
    expect((await results.next()).value).toMatchObject({ outcome: 'clean' });
    await expect(results.next()).rejects.toMatchObject({ code: 'source-failed', message: expect.not.stringContaining('secret') });
  });

  test('an endless source is read in time, and closed when the caller has enough', async () => {
    const { source, read, closed } = counted((index) => `a${index % 10}`);
    let taken = 0;
    for await (const { original } of squadOf({ order }).alignMany(source, { concurrency: 3 })) {
      expect(original).toBe(`a${taken % 10}`);
      taken += 1;
      expect(read()).toBeLessThanOrEqual(order === 'paper' ? (Math.ceil(taken / paperBatchSize) + 1) * paperBatchSize : taken + 3);
      if (taken === 150) break;
    }
    await tick();
    expect(closed()).toBe(true);
  });

  test('an abort rejects with its reason and closes the source', async () => {
    const controller = new AbortController();
    const { source, closed } = counted(() => 'a1');
    const results = squadOf({ order }).alignMany(source, { signal: controller.signal });
    await results.next();
    controller.abort('closed');
    await expect(results.next()).rejects.toBe('closed');
    await tick();
    expect(closed()).toBe(true);
  });

  test('leaving aborts the rewrites in progress', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const stuck = fakeAligner(['a'], (_request, signal) => {
      signals.push(signal);
      return never();
    });
    const results = squadOf({ order, aligners: [stuck] }).alignMany(['a9 1', 'a9 2']);
    const waiting = results.next();
    while (signals.length < 2) await tick();
    await results.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, true]);
  });
});

test('many give what each gives alone', async () => {
  const responses = ['a9 b9', 'a1 b1', 'a7 b9', 'a9'];
  const alone = await Promise.all(responses.map((response) => squadOf().align(response)));
  expect(await collect(squadOf().alignMany(responses))).toEqual(alone);
});

test('each is inspected on its own, and as many are worked on as the concurrency says', async () => {
  let running = 0;
  let most = 0;
  const inspector = fakeInspector({
    criteria: ['a'],
    judge: judgeByText,
    before: async () => {
      most = Math.max(most, (running += 1));
      await tick();
      running -= 1;
    },
  });
  const responses = Array.from({ length: 9 }, (_value, index) => `a${index % 3}`);
  await collect(createSquad({ inspectors: [inspector], aligners: [] }).alignMany(responses, { concurrency: 3 }));
  expect(inspector.calls).toEqual(responses.map((response) => [response]));
  expect(most).toBe(3);
});

test('the policy throw rejects in the place of the exchange', async () => {
  const results = squadOf({ onUnfixed: 'throw' }).alignMany(['a1', 'a8', 'a1']);
  expect((await results.next()).value).toMatchObject({ outcome: 'clean' });
  await expect(results.next()).rejects.toMatchObject({ code: 'blocked' });
  expect((await results.next()).done).toBe(true);
});

test.each<[string, unknown, unknown, string]>([
  ['one response', 'a1', {}, 'invalid-exchange'],
  ['one exchange', { response: 'a1' }, {}, 'invalid-exchange'],
  ['nothing', undefined, {}, 'invalid-exchange'],
  ['no concurrency', ['a1'], { concurrency: 0 }, 'invalid-options'],
  ['an unknown option', ['a1'], { parallel: 3 }, 'invalid-options'],
  ['an unknown criterion', ['a1'], { criteria: ['z'] }, 'unknown-criterion'],
])('%s is refused with the first next', async (_name, exchanges, options, code) => {
  const inspector = inspectorOf('a');
  const squad = createSquad({ inspectors: [inspector], aligners: [] });
  // casts, because the types forbid what is tested
  const results = squad.alignMany(exchanges as string[], options as object);
  await expect(results.next()).rejects.toMatchObject({ code });
  expect(inspector.calls).toEqual([]);
});

test('many at once raise no warning of too many listeners', async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', onWarning);
  const { signal } = new AbortController();
  const responses = Array.from({ length: 100 }, () => 'a9');
  await collect(squadOf().alignMany(responses, { concurrency: 50, signal }));
  const aligner = fakeAligner(['a'], ({ candidate }) => `a9 ${candidate}`, { maxCandidates: 50 });
  await squadOf({ aligners: [aligner], candidates: 50, maxAttempts: 50 }).align('a9', { signal });
  await tick();
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});
