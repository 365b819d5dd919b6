/**
 * The same events until the signal is aborted; then it throws the signal's reason at once, also when whoever gives the
 * events hangs and does not look at the signal. No listener is left, whichever way it ends.
 */
export async function* untilAborted<T>(events: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T, void, undefined> {
  const iterator = events[Symbol.asyncIterator]();
  let interrupt: (reason: unknown) => void = () => undefined;
  const onAbort = (): void => interrupt(signal?.reason);
  const next = (): Promise<IteratorResult<T>> =>
    new Promise((resolve, reject) => {
      interrupt = reject;
      iterator.next().then(resolve, reject);
    });
  let isIdle = false;
  signal?.addEventListener('abort', onAbort);
  try {
    for (;;) {
      signal?.throwIfAborted();
      isIdle = false;
      const result = await next();
      if (result.done === true) return;
      isIdle = true;
      yield result.value;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    const closing = Promise.resolve(iterator.return?.()).catch(() => undefined);
    // One that hangs would never answer.
    if (isIdle) await closing;
  }
}
