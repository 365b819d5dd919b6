import { AlignSquadError } from '@align-squad/core';

/** What ends a call early. */
export interface CallScopeOptions {
  /** Time from now to the end of the call. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** One call to a server, with a signal of its own. */
export interface CallScope {
  /** Aborted by the caller's signal, by the deadline and by `end`. */
  readonly signal: AbortSignal;
  /** Settles as `promise` does; before that, with the reason of the caller's signal or `generator-failed` at the deadline. */
  race<T>(promise: Promise<T>): Promise<T>;
  /** Throws what `race` would reject with, once there is such a thing. */
  throwIfStopped(): void;
  /** Ends the connection, removes timer and listener; to be called in any case. */
  end(): void;
}

/** Opens a scope; it is stopped at once when the signal is aborted or the time is over, also where the client does not listen. */
export function openCallScope({ timeoutMs, signal }: CallScopeOptions): CallScope {
  // Clients leave listeners on the signal that they are given, so it does not outlive the call.
  const controller = new AbortController();
  let stop: { readonly reason: unknown } | undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const stopped = new Promise<never>((_, rejectStopped) => (reject = rejectStopped));
  stopped.catch(() => undefined);
  const stopWith = (reason: unknown): void => {
    stop ??= { reason };
    reject(reason);
    controller.abort();
  };
  const onAbort = (): void => stopWith(signal?.reason);
  const timer = setTimeout(() => stopWith(lateAnswer(timeoutMs)), timeoutMs);
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener('abort', onAbort);
  return {
    signal: controller.signal,
    race(promise) {
      // What it does after the end interests nobody.
      promise.catch(() => undefined);
      return Promise.race([promise, stopped]);
    },
    throwIfStopped() {
      if (stop) throw stop.reason;
    },
    end() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      controller.abort();
    },
  };
}

function lateAnswer(timeoutMs: number): AlignSquadError {
  return new AlignSquadError(`The answer of the server was not complete within ${timeoutMs} ms; allow more with \`timeoutMs\`.`, { code: 'generator-failed' });
}
