/** A promise that gave nothing within its time. */
export interface TimedOut {
  readonly isTimedOut: true;
}

/** Time and signal that end a call. */
export interface DeadlineOptions {
  /** @default no limit */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `call` with a signal of its own that is aborted at the deadline, and settles at once then, also when `call` ignores it.
 * Rejects with the reason of `signal` when that is aborted. Timer and listener are gone when it settles.
 */
export async function withDeadline<T>(call: (signal: AbortSignal) => Promise<T>, { timeoutMs, signal }: DeadlineOptions): Promise<T | TimedOut> {
  signal?.throwIfAborted();
  // Clients leave listeners on the signal that they are given, so it does not outlive the call.
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const stopped = new Promise<TimedOut>((resolve, reject) => {
    if (timeoutMs !== undefined) timer = setTimeout(() => resolve({ isTimedOut: true }), timeoutMs);
    onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort);
  });
  try {
    const called = call(controller.signal);
    // What it does after the deadline interests nobody.
    called.catch(() => undefined);
    return await Promise.race([called, stopped]);
  } finally {
    clearTimeout(timer);
    if (onAbort) signal?.removeEventListener('abort', onAbort);
    controller.abort();
  }
}

/** Tells the end of the time from a value. */
export function isTimedOut(value: unknown): value is TimedOut {
  return typeof value === 'object' && value !== null && 'isTimedOut' in value;
}

/** Waits; rejects with the reason of `signal` when that is aborted. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await withDeadline(() => new Promise<never>(() => undefined), { timeoutMs: ms, signal });
}
