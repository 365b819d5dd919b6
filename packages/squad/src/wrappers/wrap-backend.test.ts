import { functionInspector } from '@align-squad/core/testing';
import { describe, expect, test } from 'vitest';
import { withCache } from './with-cache.js';
import { withDeadline } from './with-deadline.js';
import { withTracing } from './with-tracing.js';
import { wrapBackend } from './wrap-backend.js';

class Owner {
  readonly contract = 'inspector/1';
  readonly abilities = { maxBatchSize: 8, deterministic: true };
  #open = true;
  #version = 'owner@1';
  get version(): string {
    return this.#version;
  }
  get criteria(): string[] {
    return this.#open ? ['calm'] : [];
  }
  upgrade(): void {
    this.#version = 'owner@2';
  }
  async inspect(): Promise<[]> {
    return [];
  }
  async dispose(): Promise<void> {
    this.#open = false;
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

describe.each([
  ['withCache', async (owner: Owner) => withCache(owner)],
  ['withDeadline', async (owner: Owner) => withDeadline(owner, { timeoutMs: 1000 })],
  ['withTracing', (owner: Owner) => withTracing(owner)],
])('%s', (_name, wrap) => {
  test('keeps contract, version, criteria and abilities, also when they change', async () => {
    const owner = new Owner();
    const wrapped = await wrap(owner);
    expect(wrapped).toMatchObject({ contract: 'inspector/1', version: 'owner@1', criteria: ['calm'] });
    expect(wrapped.abilities).toBe(owner.abilities);
    wrapped.upgrade();
    expect(wrapped.version).toBe('owner@2');
  });

  test.each(['dispose', Symbol.asyncDispose] as const)('disposes of what it wraps by %s', async (method) => {
    const owner = new Owner();
    await (await wrap(owner))[method]();
    expect(owner.criteria).toEqual([]);
  });
});

test('a frozen backend can be wrapped, and a wrapper be spread and wrapped again', async () => {
  const inspector = Object.freeze(functionInspector(() => 0.1));
  const wrapped = { ...withDeadline(withCache(inspector), { timeoutMs: 1000 }) };
  await wrapped.inspect([{ response: 'a' }]);
  await wrapped.inspect([{ response: 'a' }]);
  expect(wrapped.stats()).toEqual({ hits: 3, misses: 3, entries: 3 });
  expect(wrapped.calls).toHaveLength(1);
});

test('overrides win over members, own and inherited', () => {
  expect(wrapBackend({ a: 1, b: 2 }, { a: 3 })).toEqual({ a: 3, b: 2 });
  expect(wrapBackend(new Owner(), { version: 'other' }).version).toBe('other');
});
