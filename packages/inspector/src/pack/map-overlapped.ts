/**
 * Maps items in their order with at most `most` of them under way at once, taking each item when its turn comes.
 * The first failure rejects once what is under way has ended, and nothing more is begun.
 */
export async function mapOverlapped<T, R>(items: Iterable<T>, most: number, map: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = items[Symbol.iterator]();
  let count = 0;
  let hasFailed = false;
  const work = async (): Promise<void> => {
    while (!hasFailed) {
      const next = rest.next();
      if (next.done === true) return;
      const index = count++;
      try {
        results[index] = await map(next.value, index);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: most }, work));
  const failure = settled.find((worker) => worker.status === 'rejected');
  if (failure) throw failure.reason;
  return results;
}
