import { raceAbort } from '@align-squad/core';

/** Runs `work` until it settles or the signal aborts, which rejects with its reason; no listener is left. */
export async function raceSignal<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    return await raceAbort(work(signal), signal);
  } catch (error) {
    // what failed because of the abort tells less than its reason
    signal.throwIfAborted();
    throw error;
  }
}
