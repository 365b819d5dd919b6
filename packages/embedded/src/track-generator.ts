/**
 * A generator that calls `begin` with its first `next`, and what `begin` gave once it has ended, failed or was left.
 * All else is the inner one's, also a `return` while a `next` waits.
 */
export function trackGenerator<T>(
  inner: AsyncGenerator<T, void, undefined>,
  begin: () => () => void,
): AsyncGenerator<T, void, undefined> {
  let end: (() => void) | undefined;
  const watch = async (step: Promise<IteratorResult<T, void>>, isLast: boolean): Promise<IteratorResult<T, void>> => {
    try {
      const result = await step;
      if (isLast || result.done) end?.();
      return result;
    } catch (error) {
      end?.();
      throw error;
    }
  };
  const leave = (): Promise<IteratorResult<T, void>> => watch(inner.return(undefined), true);
  return {
    next: async () => {
      end ??= begin();
      return watch(inner.next(), false);
    },
    return: leave,
    throw: (error: unknown) => watch(inner.throw(error), true),
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => {
      await leave();
    },
  };
}
