import { describe, expect, test, vi } from 'vitest';
import { flatMapOrdered, type OrderedWork } from './flat-map-ordered.js';
import { collect, never, seededRandom } from './test-support.js';

/** Numbers without an end, which remember how far they were read and whether they were closed. */
function endless(): Iterable<number> & { read: number; closed: boolean } {
  const source = {
    read: 0,
    closed: false,
    [Symbol.iterator]: (): Iterator<number> => ({
      next: () => ({ done: false, value: source.read++ }),
      return: () => {
        source.closed = true;
        return { done: true, value: undefined };
      },
    }),
  };
  return source;
}

function start<T, R>(work: Partial<OrderedWork<T, R>> & Pick<OrderedWork<T, R>, 'source' | 'map'>): AsyncGenerator<R> {
  return flatMapOrdered(() => ({ concurrency: 2, signal: undefined, ...work }));
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('results come in order, whichever is done first, and no more are worked on than may be', async () => {
  const random = seededRandom(5);
  for (let round = 0; round < 30; round += 1) {
    const concurrency = 1 + Math.floor(random() * 5);
    const waits = Array.from({ length: Math.floor(random() * 12) }, () => Math.floor(random() * 6));
    let running = 0;
    let most = 0;
    const map = async (wait: number, index: number): Promise<number[]> => {
      most = Math.max(most, (running += 1));
      for (let turn = 0; turn < wait; turn += 1) await Promise.resolve();
      running -= 1;
      return [index, index].slice(0, wait % 3);
    };
    const expected = waits.flatMap((wait, index) => [index, index].slice(0, wait % 3));
    expect(await collect(start({ source: waits, concurrency, map }))).toEqual(expected);
    expect(most).toBeLessThanOrEqual(concurrency);
  }
});

test('an endless source is read as far as the concurrency ahead of what was taken, and closed early', async () => {
  const random = seededRandom(6);
  for (let round = 0; round < 20; round += 1) {
    const concurrency = 1 + Math.floor(random() * 6);
    const take = Math.floor(random() * 8);
    const source = endless();
    const results = start({ source, concurrency, map: async (item: number) => [item] });
    for (let taken = 1; taken <= take; taken += 1) {
      expect((await results.next()).value).toBe(taken - 1);
      await tick();
      expect(source.read).toBeLessThanOrEqual(taken + concurrency);
    }
    await results.return(undefined);
    expect(source.closed).toBe(take > 0);
    const { read } = source;
    await tick();
    expect(source.read).toBe(read);
  }
});

test('a result does not wait for the source to give another item', async () => {
  const source = (async function* () {
    yield 1;
    await never();
  })();
  const results = start({ source, map: async (item: number) => [item] });
  expect(await results.next()).toEqual({ done: false, value: 1 });
  await results.return(undefined);
});

test('nothing happens before the first next', async () => {
  const prepare = vi.fn((): OrderedWork<number, number> => ({ source: [1], concurrency: 1, signal: undefined, map: async (item) => [item] }));
  const results = flatMapOrdered(prepare);
  await tick();
  expect(prepare).not.toHaveBeenCalled();
  expect(await results.return(undefined)).toEqual({ done: true, value: undefined });
  expect(prepare).not.toHaveBeenCalled();
});

test('leaving aborts what is in progress and closes the source', async () => {
  const source = endless();
  const signals: AbortSignal[] = [];
  const map = async (item: number, _index: number, signal: AbortSignal): Promise<number[]> => {
    signals.push(signal);
    return item === 0 ? [0] : never();
  };
  for await (const item of start({ source, map })) {
    expect(item).toBe(0);
    break;
  }
  expect(signals.length).toBeGreaterThan(1);
  expect(signals.every((signal) => signal.aborted)).toBe(true);
  expect(source.closed).toBe(true);
});

test('return ends a next that waits', async () => {
  const source = endless();
  const results = start({ source, map: () => never<number[]>() });
  const waiting = results.next();
  await tick();
  expect(await results.return(undefined)).toEqual({ done: true, value: undefined });
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(source.closed).toBe(true);
});

test('what goes out of scope is left', async () => {
  const source = endless();
  {
    await using results = start({ source, map: async (item: number) => [item] });
    await results.next();
  }
  expect(source.closed).toBe(true);
});

describe('a failure', () => {
  test('of an item comes in its place, and ends it', async () => {
    const source = endless();
    const seen: number[] = [];
    const map = async (item: number): Promise<number[]> => {
      if (item === 2) throw new TypeError('two');
      return [item];
    };
    const reading = (async () => {
      for await (const item of start({ source, concurrency: 4, map })) seen.push(item);
    })();
    await expect(reading).rejects.toThrow('two');
    expect(seen).toEqual([0, 1]);
    expect(source.closed).toBe(true);
  });

  test('of the source comes after the items before it, as source-failed with its cause', async () => {
    const failure = new TypeError('secret');
    const source = (async function* () {
      yield 1;
      throw failure;
    })();
    const results = start({ source, concurrency: 3, map: async (item: number) => [item] });
    expect(await results.next()).toEqual({ done: false, value: 1 });
    await expect(results.next()).rejects.toMatchObject({
      code: 'source-failed',
      message: 'The source of exchanges failed.',
      cause: failure,
    });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test('of closing the source concerns nobody', async () => {
    const source = (function* () {
      try {
        yield 1;
        yield 2;
        yield 3;
        yield 4;
      } finally {
        throw new TypeError('while closing');
      }
    })();
    const results = start({ source, concurrency: 1, map: async (item: number) => [item] });
    await results.next();
    expect(await results.return(undefined)).toEqual({ done: true, value: undefined });
  });
});

describe('abort', () => {
  test('rejects with the reason untouched, aborts the items and closes the source', async () => {
    const controller = new AbortController();
    const reason = { why: 'closed' };
    const source = endless();
    let inner: AbortSignal | undefined;
    const map = (_item: number, _index: number, signal: AbortSignal): Promise<number[]> => {
      inner = signal;
      return never();
    };
    const waiting = start({ source, signal: controller.signal, map }).next();
    await tick();
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(inner?.reason).toBe(reason);
    expect(source.closed).toBe(true);
  });

  test('while the source is stuck rejects at once', async () => {
    const controller = new AbortController();
    const source = { [Symbol.asyncIterator]: () => ({ next: () => never<IteratorResult<number>>() }) };
    const waiting = start({ source, signal: controller.signal, map: async (item: number) => [item] }).next();
    await tick();
    controller.abort('enough');
    await expect(waiting).rejects.toBe('enough');
  });

  test('between two results rejects the next one', async () => {
    const controller = new AbortController();
    const results = start({ source: endless(), signal: controller.signal, map: async (item: number) => [item] });
    await results.next();
    controller.abort('enough');
    await expect(results.next()).rejects.toBe('enough');
  });

  test('leaves no listener behind, however it ends', async () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    await collect(start({ source: [1, 2], signal, map: async (item: number) => [item] }));
    const early = start({ source: endless(), signal, map: async (item: number) => [item] });
    await early.next();
    await early.return(undefined);
    expect(add).toHaveBeenCalledTimes(2);
    expect(remove).toHaveBeenCalledTimes(2);
  });
});
