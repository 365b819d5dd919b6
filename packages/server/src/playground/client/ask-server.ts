import { readEvents } from './read-events.js';
import type { Failure, StreamReply } from './replies.js';

/** An answer, or why there is none. */
export type Answer<T> = { readonly value: T } | { readonly failure: Failure };

/** One request. */
export interface Question {
  readonly path: string;
  /** Sent as JSON; without one the request is a GET. */
  readonly body?: object | undefined;
  readonly signal: AbortSignal;
}

/** The server that the page came from. */
export interface Server {
  /** The API key of later requests; kept here and nowhere else. */
  key: string;
  /** Asks for one JSON value. Rejects only when aborted. */
  ask<T>(question: Question): Promise<Answer<T>>;
  /** Asks for a stream; a failure is its last event. Throws only when aborted. */
  stream(question: Question): AsyncGenerator<StreamReply | { readonly failure: Failure }, void, undefined>;
}

/** Makes the way to the server. */
export function createServer(): Server {
  const server: Server = {
    key: '',
    async ask<T>(question: Question) {
      const sent = await send(question, server.key);
      if ('failure' in sent) return sent;
      // the routes of this server say what they send
      return attempt(async () => (await sent.value.json()) as T, question.signal);
    },
    async *stream(question) {
      const sent = await send(question, server.key);
      if ('failure' in sent) return yield sent;
      if (sent.value.body === null) return yield broken('The answer had no body.');
      const events = readEvents(sent.value.body);
      let last: StreamReply | undefined;
      for (;;) {
        const next = await attempt(() => events.next(), question.signal);
        if ('failure' in next) return yield next;
        if (next.value.done === true) break;
        const failure = failureOf(next.value.value, sent.value.status);
        if (failure) return yield { failure };
        // as above
        last = next.value.value as StreamReply;
        yield last;
      }
      if (last?.type !== 'end') yield broken('The stream ended before its last event.');
    },
  };
  return server;
}

async function send({ path, body, signal }: Question, key: string): Promise<Answer<Response>> {
  const headers = { ...(body && { 'content-type': 'application/json' }), ...(key !== '' && { authorization: `Bearer ${key}` }) };
  const init = body ? { method: 'POST', headers, body: JSON.stringify(body), signal } : { headers, signal };
  const sent = await attempt(() => fetch(path, init), signal);
  if ('failure' in sent || sent.value.ok) return sent;
  const { status } = sent.value;
  const told = await attempt(() => sent.value.json() as Promise<unknown>, signal);
  const failure = 'value' in told ? failureOf(told.value, status) : undefined;
  return { failure: failure ?? { status, message: `The server answered with status ${status}.` } };
}

async function attempt<T>(work: () => Promise<T>, signal: AbortSignal): Promise<Answer<T>> {
  try {
    return { value: await work() };
  } catch {
    signal.throwIfAborted();
    return broken('The server could not be reached, or broke off. Is it still running?');
  }
}

function broken(message: string): { readonly failure: Failure } {
  return { failure: { status: 0, message } };
}

/** The error of a reply that has one; events of the squad, which go on to an end, are none. */
function failureOf(reply: unknown, status: number): Failure | undefined {
  if (typeof reply !== 'object' || reply === null || 'type' in reply || !('error' in reply)) return undefined;
  const { message } = reply.error as { readonly message?: unknown };
  return { status, message: typeof message === 'string' ? message : `The server answered with status ${status}.` };
}
