import { functionInspector, scriptedInspector } from '@align-squad/core/testing';
import { expect, test } from 'vitest';
import { withCache } from './with-cache.js';

const say = (response: string): { response: string }[] => [{ response }];

test('the least recently used entry goes first', async () => {
  const inner = functionInspector(() => 0.1, { criteria: ['a'] });
  const cached = withCache(inner, { maxEntries: 2 });
  for (const text of ['1', '2', '1', '3', '1', '2']) await cached.inspect(say(text));
  expect(inner.calls.map(({ exchanges }) => exchanges[0]?.response)).toEqual(['1', '2', '3', '2']);
  expect(cached.stats()).toEqual({ hits: 2, misses: 4, entries: 2 });
});

test('entries are bounded by their characters, and one that is too long is not kept', async () => {
  const spans = (count: number) => Array.from({ length: count }, (_, start) => ({ start, end: start + 1, misalignment: 0.1 }));
  const inner = functionInspector(
    ({ response }) => ({ status: 'pass', misalignment: 0.1, threshold: 0.5, spans: spans(response.length) }),
    { criteria: ['a'] },
  );
  const cached = withCache(inner, { maxCharacters: 500 });
  await cached.inspect(say('x'.repeat(50)));
  expect(cached.stats().entries).toBe(0);
  for (let count = 0; count < 20; count++) await cached.inspect(say(String(count)));
  expect(cached.stats().entries).toBeGreaterThan(1);
  expect(cached.stats().entries).toBeLessThan(5);
});

test('an entry is good for its time by the clock that is given, from 0 on', async () => {
  let clock = 0;
  const inner = functionInspector(() => 0.1, { criteria: ['a'] });
  const cached = withCache(inner, { ttlMs: 100, now: () => clock });
  for (clock of [0, 100, 101, 201, 202]) await cached.inspect(say('x'));
  expect(inner.calls).toHaveLength(3);
});

test('a backend that is not deterministic is asked each time, unless it is to be cached always', async () => {
  const steps = [{ verdicts: [{ a: 0.1 }] }, { verdicts: [{ a: 0.2 }] }];
  const inner = scriptedInspector(steps, { criteria: ['a'] });
  const cached = withCache(inner);
  for (let call = 0; call < 2; call++) await cached.inspect(say('x'));
  inner.assertDone();
  expect(cached.stats()).toEqual({ hits: 0, misses: 0, entries: 0 });
  const always = withCache(scriptedInspector(steps.slice(0, 1), { criteria: ['a'] }), { always: true });
  for (let call = 0; call < 2; call++) await always.inspect(say('x'));
  expect(always.stats()).toEqual({ hits: 1, misses: 1, entries: 1 });
});

test.each<[string, unknown, unknown]>([
  ['no entries', functionInspector(() => 0), { maxEntries: 0 }],
  ['no characters', functionInspector(() => 0), { maxCharacters: 0.5 }],
  ['no time', functionInspector(() => 0), { ttlMs: 0 }],
  ['a clock that is none', functionInspector(() => 0), { now: 5 }],
  ['an unknown key', functionInspector(() => 0), { max: 2 }],
  ['a text generator', { contract: 'text-generator/1' }, {}],
])('%s is refused', (_name, backend, options) => {
  // Callers without types can pass anything.
  const wrap = withCache as (...values: unknown[]) => unknown;
  expect(() => wrap(backend, options)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
