import { withoutRawText } from './without-raw-text.js';

/** A web stream of what a generator gives, read as it is asked for; cancelling it aborts `left` first. */
export function readableOf<T>(parts: AsyncGenerator<T, void, undefined>, left: AbortController): ReadableStream<T> {
  return new ReadableStream<T>(
    {
      pull: async (controller) => {
        try {
          const next = await parts.next();
          if (next.done === true) controller.close();
          else controller.enqueue(next.value);
        } catch (error) {
          throw withoutRawText(error);
        }
      },
      cancel: async (reason) => {
        // a generator that waits for its next part can't return before that came
        left.abort(reason);
        await parts.return();
      },
    },
    { highWaterMark: 0 },
  );
}
