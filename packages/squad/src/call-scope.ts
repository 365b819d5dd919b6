import { setMaxListeners } from 'node:events';
import { AlignSquadError } from '@align-squad/core';
import { raceSignal } from './race-signal.js';

/** What ends one call early: the caller's signal, which throws, or its deadline, which returns what there is. */
export interface CallScope {
  /** Aborts with the caller's reason, or with an AlignSquadError `deadline-exceeded`. */
  readonly signal: AbortSignal;
  /** True once the deadline has passed, by timer or by clock. */
  readonly expired: () => boolean;
  /** Runs `work` until it settles or the scope ends; what an abandoned one does later is ignored. */
  readonly race: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** Throws the reason of the caller's abort, untouched; a passed deadline doesn't throw. */
  readonly throwIfAborted: () => void;
}

/** Options of `withCallScope`. */
export interface CallScopeOptions {
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number | undefined;
  readonly now: () => number;
  /** What the deadline is called in its error. @default 'deadline' */
  readonly limit?: string | undefined;
}

/** Runs `body` under the caller's signal and deadline; timer and listener are gone when it returns. */
export async function withCallScope<T>(options: CallScopeOptions, body: (scope: CallScope) => Promise<T>): Promise<T> {
  const { signal: caller, deadlineMs, now, limit = 'deadline' } = options;
  caller?.throwIfAborted();
  const controller = new AbortController();
  // each inspector and each candidate that is waited for listens
  setMaxListeners(0, controller.signal);
  const startedMs = now();
  let deadlinePassed = false;
  const expire = (): void => {
    if (controller.signal.aborted) return;
    deadlinePassed = true;
    controller.abort(
      new AlignSquadError(`The ${limit} of ${deadlineMs} ms has passed.`, { code: 'deadline-exceeded' }),
    );
  };
  const expired = (): boolean => {
    // work that blocks the event loop keeps the timer from firing
    if (deadlineMs !== undefined && now() - startedMs >= deadlineMs) expire();
    return deadlinePassed;
  };
  const onAbort = (): void => controller.abort(caller?.reason);
  caller?.addEventListener('abort', onAbort, { once: true });
  const timer = deadlineMs === undefined ? undefined : setTimeout(expire, deadlineMs);
  try {
    return await body({
      signal: controller.signal,
      expired,
      race: async (work) => {
        expired();
        return raceSignal(controller.signal, work);
      },
      throwIfAborted: () => {
        if (!deadlinePassed) controller.signal.throwIfAborted();
      },
    });
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener('abort', onAbort);
  }
}
