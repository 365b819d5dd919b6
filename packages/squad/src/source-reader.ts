import { toAlignSquadError } from '@align-squad/core';

/** Reads a source one item after the other, whoever asks. */
export interface SourceReader<T> {
  /** The next item; after the end or a failure, always the end. Rejects with `source-failed`, or what `toError` says. */
  readonly read: () => Promise<IteratorResult<T, unknown>>;
  /** Lets the source go; waits for it, unless it is still busy with an item. */
  readonly close: () => Promise<void>;
}

const sourceFailed = (error: unknown): unknown => toAlignSquadError(error, 'The source of exchanges failed.', 'source-failed');

/** Opens a source; nothing is read yet. `toError` makes what a read rejects with of what the source threw. */
export function readSource<T>(source: Iterable<T> | AsyncIterable<T>, toError: (error: unknown) => unknown = sourceFailed): SourceReader<T> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let ended = false;
  let busy = false;
  let queue: Promise<unknown> = Promise.resolve();
  const readNow = async (): Promise<IteratorResult<T, unknown>> => {
    if (ended) return { done: true, value: undefined };
    busy = true;
    try {
      const result = await iterator.next();
      if (result.done) ended = true;
      return result;
    } catch (error) {
      ended = true;
      throw toError(error);
    } finally {
      busy = false;
    }
  };
  return {
    read: () => {
      const result = queue.then(readNow);
      queue = result.catch(() => undefined);
      return result;
    },
    close: async () => {
      if (ended) return;
      ended = true;
      const closing = async (): Promise<unknown> => iterator.return?.();
      // what fails now concerns nobody: no item of it is wanted any more
      const closed = closing().catch(() => undefined);
      // a generator that waits for its next item can not return before that came
      if (!busy) await closed;
    },
  };
}
