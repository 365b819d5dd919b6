/** Lets timers and aborts through between pieces of work that block the thread. */
export async function pause(signal: AbortSignal | undefined): Promise<void> {
  await new Promise(setImmediate);
  signal?.throwIfAborted();
}
