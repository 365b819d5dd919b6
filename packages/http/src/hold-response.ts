import { EventEmitter, once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { raceAbort } from '@align-squad/core';
import { createHeldBody } from './held-body.js';
import type { RequestInfo } from './options.js';
import type { AlignReply, Reply } from './reply-aligner.js';
import { replyKind } from './reply-kind.js';

/** How a held response is aligned. */
export interface HoldOptions {
  readonly method: string;
  readonly align: AlignReply;
  readonly request: () => RequestInfo;
}

/**
 * Holds what is written to a response, and its headers, until it is known what to do: most replies go out untouched, the
 * texts of the others once they are aligned. Who writes is told of room by `write` and `drain`, as before.
 */
export function holdResponse(response: ServerResponse, { method, align, request }: HoldOptions): void {
  let state: 'open' | 'pass' | 'held' | 'sending' = 'open';
  const body = createHeldBody();
  const original = takeOver(response, body.events);
  original.room.on('drain', () => state === 'pass' && body.events.emit('drain'));
  const stop = new AbortController();
  response.once('close', () => stop.abort());
  const deliver = async (reply: Reply): Promise<void> => {
    try {
      const aligned = await align(reply);
      state = 'sending';
      Reflect.deleteProperty(response, 'headersSent');
      if (aligned.status !== undefined) Object.assign(response, { statusCode: aligned.status, statusMessage: '' });
      for (const name of aligned.remove) response.removeHeader(name);
      for (const [name, value] of Object.entries(aligned.set)) response.setHeader(name, value);
      if (typeof aligned.body === 'string') original.end(aligned.body);
      else await original.stream(aligned.body, stop.signal);
    } catch {
      // the client is gone, or must see that the body is not complete; the aligner has told of what failed
      response.destroy();
    }
  };
  /** False when the reply passes, which is settled by its head before the first byte of its body. */
  const hold = (whole?: Uint8Array): boolean => {
    if (state !== 'open') return state !== 'pass';
    const head = { method, status: response.statusCode, header: (name: string) => response.getHeader(name)?.toString() };
    const kind = replyKind(head);
    state = kind === 'pass' ? 'pass' : 'held';
    if (kind === 'pass') return false;
    // for who handles errors: what a route has begun to send can't be replaced
    Object.defineProperty(response, 'headersSent', { value: true, configurable: true });
    void deliver({ ...head, kind, body: whole ?? body.stream, request, signal: stop.signal });
    return true;
  };
  // casts: each of these has overloads that one list of arguments stands for
  response.write = ((...args: unknown[]) => {
    if (!hold()) return original.write(...args);
    const { bytes, callback } = readArguments(args);
    if (callback !== undefined) process.nextTick(callback);
    return body.write(bytes);
  }) as ServerResponse['write'];
  response.end = ((...args: unknown[]) => {
    const { bytes, callback } = readArguments(args);
    if (state === 'open' && bytes.length === 0) state = 'pass';
    const isWhole = state === 'open';
    if (!hold(bytes)) return original.end(...args);
    if (callback !== undefined) response.once('finish', callback);
    if (!isWhole && bytes.length > 0) body.write(bytes);
    body.end();
    return response;
  }) as ServerResponse['end'];
  response.flushHeaders = () => (hold() ? undefined : original.flushHeaders());
  response.writeHead = ((...args: unknown[]) => {
    if (state === 'open') setHead(response, args);
    // what Node calls by itself
    else if (state !== 'held') original.writeHead(...args);
    return response;
  }) as ServerResponse['writeHead'];
}

type Loose = (...args: readonly unknown[]) => unknown;

type Listener = Parameters<EventEmitter['on']>[1];

interface Original {
  readonly write: Loose;
  readonly end: Loose;
  readonly writeHead: Loose;
  readonly flushHeaders: () => void;
  /** Emits `drain` when the client has taken what was sent. */
  readonly room: EventEmitter;
  /** Sends chunks as there is room for them. */
  readonly stream: (chunks: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<void>;
}

/** The methods that middleware before this one left, with listeners of `drain` sent to `events`. */
function takeOver(response: ServerResponse, events: EventEmitter): Original {
  // casts, as above
  const write = response.write.bind(response) as Loose;
  const end = response.end.bind(response) as Loose;
  const writeHead = response.writeHead.bind(response) as Loose;
  const flushHeaders = response.flushHeaders.bind(response);
  const room = new EventEmitter();
  response.on('drain', () => room.emit('drain'));
  for (const name of ['on', 'addListener', 'off', 'removeListener'] as const) {
    const listen: (event: string | symbol, listener: Listener) => ServerResponse = response[name].bind(response);
    response[name] = (event: string | symbol, listener: Listener) => {
      if (event !== 'drain') return listen(event, listener);
      events[name](event, listener);
      return response;
    };
  }
  const stream = async (chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> => {
    flushHeaders();
    for await (const chunk of chunks) if (write(chunk) === false) await raceAbort(once(room, 'drain'), signal);
    end();
  };
  return { write, end, writeHead, flushHeaders, stream, room };
}

/** Chunk and callback of `write` and `end`. */
function readArguments(args: readonly unknown[]): { readonly bytes: Uint8Array; readonly callback: (() => void) | undefined } {
  const [chunk, encoding] = args.filter((value) => typeof value !== 'function');
  // what is wrong about either is said by Buffer, as Node does
  const bytes = chunk instanceof Uint8Array ? chunk : Buffer.from((chunk ?? '') as string, (encoding ?? 'utf8') as BufferEncoding);
  return { bytes, callback: args.find((value): value is () => void => typeof value === 'function') };
}

/** What `writeHead` says, kept until the head is sent. */
function setHead(response: ServerResponse, [status, ...rest]: readonly unknown[]): void {
  const message = rest.find((value) => typeof value === 'string');
  const headers = rest.find((value) => typeof value === 'object' && value !== null);
  Object.assign(response, { statusCode: status, ...(message !== undefined && { statusMessage: message }) });
  if (headers === undefined) return;
  // casts: the two forms that Node takes
  if (!Array.isArray(headers)) for (const [name, value] of Object.entries(headers as OutgoingHttpHeaders)) { if (value !== undefined) response.setHeader(name, value); }
  else {
    const flat = headers.flat() as string[];
    for (const [index, name] of flat.entries()) if (index % 2 === 0) response.appendHeader(name, flat[index + 1] ?? '');
  }
}
