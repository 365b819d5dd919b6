/** The signal of one call that several callers wait for. */
export interface SharedSignal {
  /** Aborted when the last caller has gone before the call ended. */
  readonly signal: AbortSignal;
  join(): void;
  /** `reason` is that of the caller's own signal, if it was aborted. */
  leave(reason: unknown): void;
  /** Tells that the call has ended, so that nothing is left to abort. */
  end(): void;
}

/** Makes a shared signal; `onAbandoned` runs just before it is aborted. */
export function createSharedSignal(onAbandoned: () => void): SharedSignal {
  const controller = new AbortController();
  let callers = 0;
  let isEnded = false;
  return {
    signal: controller.signal,
    join() {
      callers += 1;
    },
    leave(reason) {
      callers -= 1;
      if (callers > 0 || isEnded) return;
      onAbandoned();
      controller.abort(reason);
    },
    end() {
      isEnded = true;
    },
  };
}
