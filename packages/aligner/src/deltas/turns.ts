/** Lets one task at a time go on, in the order in which they came. */
export interface Turns {
  /** Resolves when it is the caller's turn, with what ends that turn; rejects with the signal's reason, and then takes none. */
  take(signal?: AbortSignal): Promise<() => void>;
}

/** Turns that nobody waits for yet. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    async take(signal) {
      signal?.throwIfAborted();
      const before = last;
      let end = (): void => undefined;
      const own = new Promise<void>((resolve) => {
        end = resolve;
      });
      // One who leaves the queue lets those behind wait for those before.
      last = before.then(() => own);
      try {
        await unlessAborted(before, signal);
      } catch (error) {
        end();
        throw error;
      }
      return end;
    },
  };
}

async function unlessAborted(task: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return void (await task);
  let abort = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    abort = resolve;
  });
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([task, aborted]);
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
