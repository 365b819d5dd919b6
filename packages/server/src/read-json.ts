import { raceAbort } from '@align-squad/core';
import { refuse } from './errors-to-response.js';

/** Limits of a body. */
export interface ReadJsonOptions {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** A JSON object, with the text that it was read from. */
export interface JsonBody {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * Reads the JSON object in a request's body. Only `application/json` will do: pages of other sites can't send it without
 * asking, so that a browser is no way around the keys or the loopback address.
 * Rejects with a 400, 413 or 415, or with the reason of the signal.
 */
export async function readJson(request: Request, options: ReadJsonOptions): Promise<JsonBody> {
  const contentType = request.headers.get('content-type') ?? '';
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (!/^application\/json\s*(;|$)/i.test(contentType) || encoding !== 'identity') {
    throw refuse(415, 'Expected a body of type `application/json` without content encoding.', { code: 'unsupported_media_type' });
  }
  // one who lies about the length is cut off by the server
  if (Number(request.headers.get('content-length') ?? 0) > options.maxBytes) throw tooLarge(options.maxBytes);
  const text = decode(await readBytes(request.body, options));
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('Expected the body to be a JSON object.');
  // an object of JSON has no other keys than strings
  return { text, value: value as Readonly<Record<string, unknown>> };
}

async function readBytes(body: ReadableStream<Uint8Array> | null, { maxBytes, signal }: ReadJsonOptions): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const next = await raceAbort(reader.read(), signal);
    if (next.done) return Buffer.concat(chunks);
    size += next.value.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(next.value);
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid('Expected the body to be UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('Expected the body to be JSON.');
  }
}

function invalid(message: string): Error {
  return refuse(400, message, { code: 'invalid_json' });
}

function tooLarge(maxBytes: number): Error {
  return refuse(413, `Expected a body of at most ${maxBytes} bytes.`, { code: 'body_too_large' });
}
