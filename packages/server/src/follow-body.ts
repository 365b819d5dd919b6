import { AsyncResource } from 'node:async_hooks';
import { raceAbort } from '@align-squad/core';

/** How a body is followed. */
export interface FollowBodyOptions {
  /** Ends the body as a failure does, also when its source hangs. */
  readonly signal: AbortSignal;
  /** The last bytes of a body that fails; the error goes no further. */
  readonly lastWords: (error: unknown) => Uint8Array;
  /** Called once: when the body was read to its end, failed or was left. */
  readonly onEnd: () => void;
}

/** The same bytes; a body that fails ends with its last words. */
export function followBody(body: ReadableStream<Uint8Array>, { signal, lastWords, onEnd }: FollowBodyOptions): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    try {
      const next = await raceAbort(reader.read(), signal);
      if (!next.done) return controller.enqueue(next.value);
    } catch (error) {
      // a source that failed itself rejects with what is known already
      reader.cancel(error).catch(() => undefined);
      controller.enqueue(lastWords(error));
    }
    controller.close();
    onEnd();
  };
  return new ReadableStream<Uint8Array>({
    // whoever reads is outside of the request's span
    pull: AsyncResource.bind(pull),
    async cancel(reason) {
      onEnd();
      await reader.cancel(reason);
    },
  });
}
