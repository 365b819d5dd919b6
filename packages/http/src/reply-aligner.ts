import { AlignSquadError, type Criterion } from '@align-squad/core';
import { bindSquad, type BoundSquad } from '@align-squad/embedded';
import { alignParts, type AlignPartsOptions } from '@align-squad/squad';
import { eventTexts, formatEvent, readEvents } from './event-stream.js';
import { resolveHttpOptions, type HttpOptions, type RequestInfo, type ResolvedHttpOptions } from './options.js';
import { isStream, readText, readWhole, type ReplyBody } from './read-text.js';
import { assertReadable, refused, type ReplyHead, type ReplyKind } from './reply-kind.js';

/** A reply that a route gave. */
export interface Reply extends ReplyHead {
  readonly kind: Exclude<ReplyKind, 'pass'>;
  readonly body: ReplyBody;
  readonly request: () => RequestInfo | Promise<RequestInfo>;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

/** What goes to the client instead. */
export interface AlignedReply {
  /** 500 where the reply was refused; undefined keeps its own. */
  readonly status?: 500;
  /** Headers to take away, in lower case, before `set` is laid over those that are left. */
  readonly remove: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  /** Whole, or while it is aligned; a stream that fails must break off, so that it does not look complete. */
  readonly body: string | AsyncGenerator<Uint8Array, void, undefined>;
}

/** Aligns a reply; rejects only with the reason of its signal. What can't be aligned becomes a short error in JSON. */
export type AlignReply = (reply: Reply) => Promise<AlignedReply>;

interface Call extends Reply {
  readonly bound: BoundSquad;
  readonly options: ResolvedHttpOptions;
}

const ofBody = ['content-length', 'etag', 'content-md5', 'digest', 'content-digest', 'repr-digest'];
const ofReply = [
  ...ofBody,
  ...['content-type', 'content-encoding', 'content-disposition', 'content-language', 'content-range', 'accept-ranges'],
  ...['cache-control', 'expires', 'last-modified', 'transfer-encoding'],
];

/**
 * Fixes criteria and options.
 * @throws AlignSquadError `invalid-options`.
 */
export function createReplyAligner(criteria: readonly (string | Criterion)[] | undefined, given: HttpOptions = {}): AlignReply {
  const options = resolveHttpOptions(given);
  const bound = bindSquad(criteria, options.adapter);
  return async (reply) => {
    try {
      assertReadable(reply);
      const call = { ...reply, bound, options };
      if (reply.kind === 'json') return await alignJson(call);
      if (reply.kind === 'events') return await alignEvents(call);
      return await alignText(call);
    } catch (error) {
      if (isStream(reply.body) && !reply.body.locked) reply.body.cancel().catch(() => undefined);
      if (reply.signal.aborted) throw error;
      options.onFailure(error);
      return failure(error);
    }
  };
}

async function alignJson(call: Call): Promise<AlignedReply> {
  const { answer, onMissing } = call.options;
  const text = await readWhole(call.body, call.signal);
  const untouched = { body: text, remove: ['content-length'], set: {} };
  if (text.trim() === '') return untouched;
  const body = parseJson(text);
  const response: unknown = answer.get(body);
  if (typeof response !== 'string') {
    if (onMissing === 'pass') return untouched;
    throw refused('Expected the JSON reply to hold a text as its answer: name the field by the option `answer`, or let replies without one pass by `onMissing`.');
  }
  return alignWhole(call, { text, response, write: (aligned) => JSON.stringify(answer.set(body, aligned)) });
}

interface WholeReply {
  /** The whole body as it came. */
  readonly text: string;
  readonly response: string;
  /** The body with another answer. */
  readonly write: (response: string) => string;
}

async function alignWhole({ bound, options, request, signal }: Call, { text, response, write }: WholeReply): Promise<AlignedReply> {
  if (response.trim() === '') return { body: text, remove: ['content-length'], set: {} };
  const result = await bound.align({ ...options.exchangeOf(await request()), response }, { signal });
  return {
    body: result.changed ? write(result.response) : text,
    // what was said of the body still holds where it is the same
    remove: result.changed ? ofBody : ['content-length'],
    set: options.report ? { 'x-align-squad': result.outcome } : {},
  };
}

async function alignText(call: Call): Promise<AlignedReply> {
  const { body, signal } = call;
  if (!isStream(body)) {
    const text = await readWhole(body, signal);
    return alignWhole(call, { text, response: text, write: (response) => response });
  }
  const parts = await openParts(call, readText(body, signal), {
    roleOf: (text) => ({ kind: 'text', id: '', text }),
    textPart: (text) => text,
  });
  const pieces = encode(call, parts);
  // so that what fails before the first sentence is a reply of its own
  return streamed(call, resume(await pieces.next(), pieces));
}

async function alignEvents(call: Call): Promise<AlignedReply> {
  const { body, signal } = call;
  const source = isStream(body) ? readText(body, signal) : oneOf(await readWhole(body, signal));
  const parts = await openParts(call, readEvents(source), eventTexts(call.options.event));
  return streamed(call, encode(call, parts, formatEvent));
}

async function openParts<P>(
  { bound, options, request, signal }: Call,
  source: AsyncIterable<P>,
  texts: Pick<AlignPartsOptions<P>, 'roleOf' | 'textPart'>,
): Promise<AsyncGenerator<P, void, undefined>> {
  const { prompt, context } = options.exchangeOf(await request());
  return alignParts(source, {
    ...texts,
    align: (text, _id, stop) => bound.alignStream(text, { prompt, context, signal: AbortSignal.any([stop, signal]) }),
  });
}

async function* encode<P>({ options, signal }: Call, parts: AsyncIterable<P>, format: (part: P) => string = String): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  try {
    for await (const part of parts) yield encoder.encode(format(part));
  } catch (error) {
    if (!signal.aborted) options.onFailure(error);
    throw error;
  }
}

function streamed({ options }: Call, body: AsyncGenerator<Uint8Array, void, undefined>): AlignedReply {
  return { body, remove: ofBody, set: options.report ? { 'x-align-squad': 'stream' } : {} };
}

async function* resume<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
  if (first.done !== true) yield first.value;
  yield* rest;
}

async function* oneOf<T>(item: T): AsyncGenerator<T, void, undefined> {
  yield item;
}

function failure(error: unknown): AlignedReply {
  const { code, message } = AlignSquadError.isInstance(error)
    ? error
    : { code: 'aligner-failed', message: 'The reply could not be aligned.' };
  const set = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  return { status: 500, remove: ofReply, set, body: JSON.stringify({ error: { code, message } }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refused('Expected the JSON reply to be valid JSON.');
  }
}
