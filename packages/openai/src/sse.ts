import { createParser } from 'eventsource-parser';
import { malformed, parseJson, type Json } from './json.js';

/** One event of a server; `[DONE]` and a comment, which keeps a connection alive, have no object. */
export interface ServerEvent {
  readonly event?: string | undefined;
  readonly id?: string | undefined;
  readonly data: Json | 'done' | 'comment';
}

/**
 * Bytes to events, each mapped to what `split` gives for it. Fails with `source-failed` for bytes that are no UTF-8 and
 * data that is no JSON object, also when the last event was cut off.
 */
export function readServerEvents<T>(split: (event: ServerEvent) => readonly T[]): TransformStream<Uint8Array, T> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw malformed('to be UTF-8');
    }
  };
  let events: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, id, data }) => events.push({ event, id, data: readData(data.trim()) }),
    onComment: () => events.push({ data: 'comment' }),
  });
  const feed = (text: string, controller: TransformStreamDefaultController<T>): void => {
    parser.feed(text);
    const read = events;
    events = [];
    for (const event of read) for (const item of split(event)) controller.enqueue(item);
  };
  return new TransformStream({
    transform: (bytes, controller) => feed(decode(bytes), controller),
    // ends an event that lacks its blank line
    flush: (controller) => feed(`${decode()}\n\n`, controller),
  });
}

function readData(data: string): ServerEvent['data'] {
  if (data === '[DONE]') return 'done';
  return data === '' ? 'comment' : parseJson(data);
}

/** An event as bytes. */
export function writeServerEvent({ event, id, data }: ServerEvent): Uint8Array {
  const lines = [event !== undefined && `event: ${event}\n`, id !== undefined && `id: ${id}\n`, `data: ${data === 'done' ? '[DONE]' : JSON.stringify(data)}\n\n`];
  return new TextEncoder().encode(data === 'comment' ? ':\n\n' : lines.filter((line) => line !== false).join(''));
}
