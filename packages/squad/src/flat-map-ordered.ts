import { setMaxListeners } from 'node:events';
import { raceSignal } from './race-signal.js';
import { readSource } from './source-reader.js';

/** Items to map, and how. */
export interface OrderedWork<T, R> {
  readonly source: Iterable<T> | AsyncIterable<T>;
  /** Items worked on at once; also how far the source is read ahead of those whose results were taken. */
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
  /** The results of one item; its signal aborts when they are no longer wanted. */
  readonly map: (item: T, index: number, signal: AbortSignal) => Promise<readonly R[]>;
}

/**
 * Gives the results of all items in the order of the items; a rejection comes in its place and ends it.
 * `prepare` runs with the first `next`. `return` closes the source and aborts what is in progress, also while a result
 * is waited for, and so does the signal, which rejects with its reason.
 */
export function flatMapOrdered<T, R>(prepare: () => OrderedWork<T, R>): AsyncGenerator<R, void, undefined> {
  const controller = new AbortController();
  // each item in progress listens
  setMaxListeners(0, controller.signal);
  const closing = { isClosed: false };
  const generator = generate(prepare, controller, closing);
  const finish = generator.return.bind(generator);
  const leave = (value: void | PromiseLike<void>): Promise<IteratorResult<R, void>> => {
    closing.isClosed = true;
    // a generator queues its `return` behind a `next` that is under way
    controller.abort();
    return finish(value);
  };
  return Object.assign(generator, {
    return: leave,
    // Node 20 has the symbol, but no generator that knows it
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await leave();
    },
  });
}

async function* generate<T, R>(
  prepare: () => OrderedWork<T, R>,
  controller: AbortController,
  closing: { readonly isClosed: boolean },
): AsyncGenerator<R, void, undefined> {
  const { source, concurrency, signal: caller, map } = prepare();
  caller?.throwIfAborted();
  const onAbort = (): void => controller.abort(caller?.reason);
  caller?.addEventListener('abort', onAbort, { once: true });
  const reader = readSource(source);
  let count = 0;
  const startNext = async (): Promise<readonly R[] | undefined> => {
    const item = await reader.read();
    const index = count++;
    return item.done || controller.signal.aborted ? undefined : map(item.value, index, controller.signal);
  };
  const window: Promise<readonly R[] | undefined>[] = [];
  const fill = (): void => {
    while (window.length < concurrency) {
      const results = startNext();
      // looked at when its turn comes, which may be never
      results.catch(() => undefined);
      window.push(results);
    }
  };
  try {
    for (;;) {
      fill();
      const results = await raceSignal(controller.signal, async () => window.shift());
      if (!results) return;
      fill();
      for (const result of results) {
        controller.signal.throwIfAborted();
        yield result;
      }
    }
  } catch (error) {
    if (!closing.isClosed) throw error;
  } finally {
    caller?.removeEventListener('abort', onAbort);
    controller.abort();
    await reader.close();
  }
}
