/** Runs `work` until it settles or the signal aborts, which rejects with its reason; no listener is left. */
export async function raceSignal<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  // work that throws at once leaves the race unentered, and nobody else listens to this promise
  aborted.catch(() => undefined);
  try {
    return await Promise.race([work(signal), aborted]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
