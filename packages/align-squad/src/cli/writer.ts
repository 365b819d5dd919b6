import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes text with backpressure: resolves when the stream can take more, rejects with what broke the stream. */
export type Write = (text: string) => Promise<void>;

/** Writes to a stream that may break at any time, such as a pipe whose reader leaves; its errors are ours from here on. */
export function createWriter(stream: Writable): Write {
  let broken: { readonly error: unknown } | undefined;
  stream.on('error', (error) => {
    broken ??= { error };
  });
  return async (text) => {
    if (broken !== undefined) throw broken.error;
    if (!stream.write(text)) await once(stream, 'drain');
  };
}

/** True for the error of a stream whose reader left, such as `| head`. */
export function isBrokenPipe(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}
