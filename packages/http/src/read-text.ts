import { raceAbort } from '@align-squad/core';
import { refused } from './reply-kind.js';

/** A body that is there whole, or that is still being written; streams may give strings too. */
export type ReplyBody = string | Uint8Array | ReadableStream<string | Uint8Array>;

/**
 * The text of a stream, in pieces; bytes are decoded as strict UTF-8, across chunks.
 * Throws `invalid-exchange` for bytes that are none, and the signal's reason, which lets the stream go, as leaving does.
 */
export async function* readText(stream: ReadableStream<string | Uint8Array>, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  const reader = stream.getReader();
  const decode = createDecoder();
  try {
    for (;;) {
      const { done, value } = await raceAbort(reader.read(), signal);
      yield done ? decode() : typeof value === 'string' ? decode() + value : decode(value);
      if (done) return;
    }
  } finally {
    // waits for a source that may never answer
    reader.cancel().catch(() => undefined);
  }
}

/** All text of a body; throws as `readText` does. */
export async function readWhole(body: ReplyBody, signal: AbortSignal): Promise<string> {
  if (typeof body === 'string') return body;
  if (!isStream(body)) {
    const decode = createDecoder();
    return decode(body) + decode();
  }
  let text = '';
  for await (const piece of readText(body, signal)) text += piece;
  return text;
}

/** Whether a body is still being written. */
export function isStream(body: ReplyBody): body is ReadableStream<string | Uint8Array> {
  return typeof body !== 'string' && !(body instanceof Uint8Array);
}

/** Decodes a chunk; without one, says that the bytes so far are complete. */
function createDecoder(): (bytes?: Uint8Array) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return (bytes) => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw refused('Expected the body of the reply to be text in UTF-8.');
    }
  };
}
