import { refuse } from './errors-to-response.js';

/** Limits of a load shedder. */
export interface LoadShedderOptions {
  /** Most calls at once, an integer from 1. */
  readonly maxConcurrent: number;
  /** Most calls that wait for their turn, an integer from 0. */
  readonly maxQueue: number;
  /** Hears of each call that was turned away. */
  readonly onShed: () => void;
}

/** Lets so many calls work at once, lets some wait, and turns away the rest. */
export interface LoadShedder {
  /** Resolves with the function that gives the place back. Rejects with a 503, or with the reason of the signal. */
  enter(signal: AbortSignal): Promise<() => void>;
}

/** Calls that wait get their places in the order in which they came. */
export function createLoadShedder({ maxConcurrent, maxQueue, onShed }: LoadShedderOptions): LoadShedder {
  const waiting = new Set<() => void>();
  let active = 0;
  const release = (): void => {
    active -= 1;
    const [next] = waiting;
    next?.();
  };
  const take = (): (() => void) => {
    active += 1;
    let isHeld = true;
    return () => {
      if (isHeld) release();
      isHeld = false;
    };
  };
  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (active < maxConcurrent) return take();
      if (waiting.size >= maxQueue) {
        onShed();
        throw refuse(503, 'The server has no place for this request now; try again later.', { code: 'overloaded', headers: { 'retry-after': '1' } });
      }
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          waiting.delete(enter);
          signal.removeEventListener('abort', abandon);
        };
        const abandon = (): void => {
          leave();
          reject(signal.reason);
        };
        const enter = (): void => {
          leave();
          resolve(take());
        };
        waiting.add(enter);
        signal.addEventListener('abort', abandon);
      });
    },
  };
}
