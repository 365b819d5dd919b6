import { withCallScope, type CallScope, type CallScopeOptions } from '../call-scope.js';

/** An event of a stream of the contracts: one of type `end` is the last. */
export interface StreamEvent {
  readonly type: string;
}

/**
 * Streams what `open` gives under the caller's signal and deadline, which count to its `end` event, also while `next` hangs.
 * The inner stream is closed, and timer and listener are gone, before `end` is given, and when the reader stops early.
 */
export async function* streamInScope<T extends StreamEvent>(
  options: CallScopeOptions,
  open: (signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  let close = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  let ended: Promise<void> | undefined;
  // A generator can't give from within the body of a scope, so the body only waits until the stream is over.
  const scope = await new Promise<CallScope>((resolve, reject) => {
    ended = withCallScope(options, (opened) => {
      resolve(opened);
      return closed;
    });
    ended.catch(reject);
  });
  let end: T | undefined;
  try {
    end = yield* readToEnd(scope, open);
  } finally {
    close();
    await ended;
  }
  if (end !== undefined) yield end;
}

/** Gives the events before `end`, and returns that. */
async function* readToEnd<T extends StreamEvent>(
  scope: CallScope,
  open: (signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T, T | undefined, undefined> {
  const iterator = open(scope.signal)[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const next = await scope.race(() => iterator.next());
      if (next.done === true) isOver = true;
      if (next.done === true) return undefined;
      if (next.value.type === 'end') return next.value;
      yield next.value;
    }
  } catch (error) {
    isOver = !scope.signal.aborted;
    throw error;
  } finally {
    if (!isOver) await closeIterator(scope, iterator);
  }
}

/** Closes an inner stream; nobody waits for one that is stuck once the scope has ended. */
async function closeIterator(scope: CallScope, iterator: AsyncIterator<unknown>): Promise<void> {
  const close = async (): Promise<unknown> => iterator.return?.();
  if (scope.expired() || scope.signal.aborted) close().catch(() => undefined);
  else await scope.race(close);
}
