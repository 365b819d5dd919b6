import { raceAbort } from '@align-squad/core';

/** Runs tasks, so many at a time at most. */
export interface Limiter {
  /**
   * What the task gives. An abort ends the wait for it with the signal's reason and frees its place, also when the task
   * hangs; a task that still waits for a place is not started then.
   */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** Creates a limiter of `most` tasks at a time; those that wait are started in order. */
export function createLimiter(most: number): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  const leave = (): void => {
    const next = waiting.shift();
    // The place goes on to the next without becoming free.
    if (next) next();
    else running -= 1;
  };
  return {
    async run(task, signal) {
      if (running < most) running += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        signal.throwIfAborted();
        return await raceAbort(task(), signal);
      } finally {
        leave();
      }
    },
  };
}
