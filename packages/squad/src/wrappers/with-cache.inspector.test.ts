import { getEventListeners } from 'node:events';
import { createRandom, type Exchange, type Inspection, type Inspector, type Verdict } from '@align-squad/core';
import { functionInspector, inspectorConformance, scriptedInspector } from '@align-squad/core/testing';
import { describe, expect, test } from 'vitest';
import { withCache } from './with-cache.js';

const scoreOf = ({ response }: Exchange): number => (response.length % 10) / 10;
const exchanges = [
  { prompt: 'Hi', context: 'All is well.', response: 'One.' },
  { prompt: 'Hi', context: 'All is well.', response: 'Two, two.' },
];
const say = (...responses: string[]): Exchange[] => responses.map((response) => ({ response }));

describe('a cached inspector', () => {
  const create = (): Inspector => withCache(functionInspector(scoreOf, { needsContext: ['factual'] }));
  for (const { name, run } of inspectorConformance({ create, exchanges, needsContext: ['factual'] })) test(name, run);
});

test('only the misses of a batch are asked, in one call, and the order is kept', async () => {
  const inner = functionInspector(scoreOf, { criteria: ['a'] });
  const cached = withCache(inner);
  await cached.inspect(say('22', '4444'));
  const inspections = await cached.inspect(say('1', '22', '333', '4444', '333'));
  expect(inspections.map(({ a }) => a?.misalignment)).toEqual([0.1, 0.2, 0.3, 0.4, 0.3]);
  expect(inner.calls.map((call) => call.exchanges)).toEqual([say('22', '4444'), say('1', '333')]);
  expect(cached.stats()).toEqual({ hits: 3, misses: 4, entries: 4 });
});

test('a criterion that is not known of an exchange is asked alone', async () => {
  const inner = functionInspector(scoreOf, { criteria: ['a', 'b'] });
  const cached = withCache(inner);
  await cached.inspect(say('x'), { criteria: ['b'] });
  expect(await cached.inspect(say('x'))).toEqual(await inner.inspect(say('x')));
  expect(inner.calls.map((call) => call.criteria).slice(0, 2)).toEqual([['b'], ['a']]);
});

test('another version, criterion, prompt, context or role is another entry', async () => {
  let version = 'v1';
  let asked = 0;
  const inner = functionInspector(() => ((asked += 1), 0.1), { criteria: ['a', 'b'] });
  const cached = withCache<Inspector>(Object.defineProperty({ ...inner }, 'version', { get: () => version }));
  const one = (exchange: Exchange, criterion = 'a'): Promise<unknown> => cached.inspect([exchange], { criteria: [criterion] });
  const different: Exchange[] = [
    { response: 'x' },
    { prompt: '', response: 'x' },
    { context: '', response: 'x' },
    { prompt: 'user: x', response: 'x' },
    { prompt: [{ role: 'user', content: 'x' }], response: 'x' },
    { prompt: [{ role: 'system', content: 'x' }], response: 'x' },
    { prompt: [], response: 'x' },
    { response: '\ud83d' },
    { response: '\ufffd' },
    { response: '\\ud83d' },
  ];
  for (const exchange of different) await one(exchange);
  await one({ response: 'x' }, 'b');
  version = 'v2';
  await one({ response: 'x' });
  expect(asked).toBe(different.length + 2);
  for (const exchange of [{ response: 'x' }, { prompt: undefined, response: 'x' }]) await one(exchange);
  expect(asked).toBe(different.length + 2);
});

test('no exchange gets the verdict of another one (random exchanges of separators)', async () => {
  const random = createRandom(7);
  const pieces = ['a', 'b', '"', ',', '\\', '\u0000', '\n', '[', 'null', '\ud800', ' '];
  const text = (): string => Array.from({ length: random.integer(4) }, () => pieces[random.integer(pieces.length)]).join('');
  const draw = (): Exchange => ({
    ...(random.next() < 0.6 && { prompt: random.next() < 0.5 ? text() : [{ role: 'user' as const, content: text() }] }),
    ...(random.next() < 0.6 && { context: text() }),
    response: text(),
  });
  const ids = new Map<string, number>();
  const idOf = (exchange: Exchange): number => {
    const key = JSON.stringify([exchange.prompt ?? null, exchange.context ?? null, exchange.response]);
    ids.set(key, ids.get(key) ?? ids.size);
    return ids.get(key) ?? -1;
  };
  const cached = withCache(functionInspector((exchange) => idOf(exchange) / 1e6, { criteria: ['a'] }));
  for (let round = 0; round < 200; round++) {
    const batch = Array.from({ length: 1 + random.integer(20) }, draw);
    const inspections = await cached.inspect(batch);
    expect(inspections.map(({ a }) => a?.misalignment)).toEqual(batch.map((exchange) => idOf(exchange) / 1e6));
  }
  expect(cached.stats().entries).toBe(ids.size);
  expect(cached.stats().hits).toBeGreaterThan(100);
  const [left] = await cached.inspect([{ prompt: 'a', response: 'bc' }]);
  const [right] = await cached.inspect([{ prompt: 'ab', response: 'c' }]);
  expect(left).not.toEqual(right);
});

const bad = (change: Partial<Verdict>): Verdict => ({ status: 'pass', misalignment: 0.1, threshold: 0.5, ...change });

test.each<[string, Verdict]>([
  ['unknown for want of a context', bad({ status: 'unknown', reason: 'no-context' })],
  ['unknown for an empty response', bad({ status: 'unknown', reason: 'empty' })],
  ['failed', bad({ status: 'unknown', reason: 'failed' })],
  ['NaN', bad({ misalignment: Number.NaN })],
  ['beyond 1', bad({ misalignment: 2 })],
])('a verdict that is %s is given, and not kept', async (_name, verdict) => {
  const inner = functionInspector(() => verdict, { criteria: ['a'] });
  const cached = withCache(inner);
  for (let call = 0; call < 2; call++) expect(await cached.inspect(say('x'))).toEqual([{ a: verdict }]);
  expect(inner.calls).toHaveLength(2);
  expect(cached.stats().entries).toBe(0);
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['no list', { a: 1 }],
  ['too few', []],
  ['too many', [{}, {}]],
])('an inspector that gives %s rejects with inspector-failed', async (_name, answer) => {
  // What a broken backend gives has no type.
  const inspect = (async () => answer) as unknown as Inspector['inspect'];
  const cached = withCache({ ...functionInspector(() => 0), inspect });
  await expect(cached.inspect(say('x'))).rejects.toMatchObject({ code: 'inspector-failed' });
});

test('an inspection without the verdict comes back without it', async () => {
  const inner: Inspector = { ...functionInspector(() => 0), inspect: async (): Promise<Inspection[]> => [{}] };
  const cached = withCache(inner);
  expect(await cached.inspect(say('x'))).toEqual([{}]);
});

test('an error is not kept, and the next call asks again', async () => {
  const inner = scriptedInspector([{ throws: new TypeError('mine') }, { verdicts: [{ ethical: 0.1 }] }], { criteria: ['ethical'] });
  const cached = withCache(inner, { always: true });
  await expect(cached.inspect(say('x'))).rejects.toThrow('mine');
  await cached.inspect(say('x'));
  await cached.inspect(say('x'));
  inner.assertDone();
});

/** An inspector whose calls wait until they are let go. */
function held(): { inner: Inspector; release: () => void; calls: { signal: AbortSignal | undefined; responses: string[] }[] } {
  const calls: { signal: AbortSignal | undefined; responses: string[] }[] = [];
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const sound = functionInspector(scoreOf, { criteria: ['a'] });
  const inner: Inspector = {
    ...sound,
    async inspect(asked, options = {}) {
      calls.push({ signal: options.signal, responses: asked.map(({ response }) => response) });
      await gate;
      return sound.inspect(asked, { criteria: options.criteria });
    },
  };
  return { inner, release, calls };
}

test('equal requests at the same time share one call; a batch asks only for what no other has asked', async () => {
  const { inner, release, calls } = held();
  const cached = withCache(inner);
  const running = [cached.inspect(say('1')), cached.inspect(say('1')), cached.inspect(say('1', '22'))];
  release();
  expect((await Promise.all(running)).flat().map(({ a }) => a?.misalignment)).toEqual([0.1, 0.1, 0.1, 0.2]);
  expect(calls.map(({ responses }) => responses)).toEqual([['1'], ['22']]);
  expect(cached.stats()).toEqual({ hits: 2, misses: 2, entries: 2 });
});

test('the abort of one caller rejects that one alone, and leaves no listener', async () => {
  const { inner, release, calls } = held();
  const cached = withCache(inner);
  const controller = new AbortController();
  const first = cached.inspect(say('1'), { signal: controller.signal });
  const second = cached.inspect(say('1'));
  controller.abort('closed');
  await expect(first).rejects.toBe('closed');
  expect(calls[0]?.signal?.aborted).toBe(false);
  release();
  expect(await second).toMatchObject([{ a: { misalignment: 0.1 } }]);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test('when all its callers have gone a call is aborted, not kept, and not joined', async () => {
  const { inner, release, calls } = held();
  const cached = withCache(inner);
  const controllers = [new AbortController(), new AbortController()];
  const running = controllers.map(({ signal }) => cached.inspect(say('1'), { signal }));
  for (const controller of controllers) controller.abort('closed');
  expect(await Promise.allSettled(running)).toEqual(running.map(() => ({ status: 'rejected', reason: 'closed' })));
  expect(calls[0]?.signal).toMatchObject({ aborted: true, reason: 'closed' });
  const next = cached.inspect(say('22'));
  const again = cached.inspect(say('1'));
  expect(calls).toHaveLength(3);
  release();
  await Promise.all([next, again]);
  expect(cached.stats()).toMatchObject({ entries: 2, misses: 3 });
});

test('an invalid exchange rejects without its text', async () => {
  const cached = withCache(functionInspector(() => 0));
  const broken = [{ response: 'x', secret: 'text' }] as unknown as Exchange[];
  await expect(cached.inspect(broken)).rejects.toMatchObject({ code: 'invalid-exchange' });
});
