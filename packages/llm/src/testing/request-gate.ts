/** Holds answers back until enough requests have gathered, so that concurrency can be counted without a clock. */
export interface RequestGate {
  /** Resolves when this request may be answered: oldest first, one for each arrival that makes the number full. */
  pass(): Promise<void>;
  /** Lets everything pass that waits. */
  open(): void;
}

/** A gate for `requests`; when none has come for `idleMs`, all that wait may pass. */
export function createRequestGate(requests: number, idleMs: number): RequestGate {
  const waiting: (() => void)[] = [];
  let idle: NodeJS.Timeout | undefined;
  const open = (): void => {
    clearTimeout(idle);
    for (const release of waiting.splice(0)) release();
  };
  return {
    open,
    pass: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        clearTimeout(idle);
        if (waiting.length >= requests) waiting.shift()?.();
        if (waiting.length > 0) idle = setTimeout(open, idleMs);
      }),
  };
}
