import { Readable } from 'node:stream';
import type { Criterion } from '@align-squad/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpOptions } from './options.js';
import { createReplyAligner } from './reply-aligner.js';
import type { ReplyBody } from './read-text.js';
import { replyKind } from './reply-kind.js';

/** An `onSend` hook, for `addHook` or for the options of one route. */
export type AlignAnswersHook = (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown>;

/**
 * Hook that aligns the answers in what routes send by `reply.send` or by returning it.
 * @throws AlignSquadError `invalid-options`.
 * @example
 * ```ts
 * import { alignAnswers } from '@align-squad/http/fastify';
 * import fastify from 'fastify';
 *
 * const app = fastify();
 * app.addHook('onSend', alignAnswers(['ethical']));
 * ```
 */
export function alignAnswers(criteria?: readonly (string | Criterion)[], options: HttpOptions = {}): AlignAnswersHook {
  const align = createReplyAligner(criteria, options);
  return async (request, reply, payload) => {
    const sent = isResponse(payload) ? unwrap(reply, payload) : payload;
    const { method, url, headers, body: parsed } = request;
    const head = { method, status: reply.statusCode, header: (name: string) => headerText(reply.getHeader(name)) };
    const kind = replyKind(head);
    if (kind === 'pass') return sent;
    const body = toBody(sent);
    if (body === undefined) return sent;
    const stop = new AbortController();
    reply.raw.once('close', () => stop.abort());
    const info = () => ({ method, url, headers, body: parsed });
    try {
      const aligned = await align({ ...head, kind, body, request: info, signal: stop.signal });
      if (aligned.status !== undefined) reply.code(aligned.status);
      for (const name of aligned.remove) reply.removeHeader(name);
      reply.headers(aligned.set);
      return typeof aligned.body === 'string' ? aligned.body : Readable.from(aligned.body, { objectMode: false });
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      // the client is gone, and Fastify may have ended the reply by itself: a hook that settles now would end it again
      return new Promise(() => undefined);
    }
  };
}

/** Takes a Response apart as Fastify would after the hooks. */
function unwrap(reply: FastifyReply, response: Response): unknown {
  reply.code(response.status);
  response.headers.forEach((value, name) => reply.header(name, value));
  return response.body;
}

/** What there is to read; undefined when that is nothing. What it is told by is what Fastify goes by. */
function toBody(payload: unknown): ReplyBody | undefined {
  if (typeof payload === 'string' || payload instanceof Uint8Array) return payload;
  if (typeof payload !== 'object' || payload === null) return undefined;
  // casts, because `in` tells TypeScript nothing of what is read; the chunks of either are bytes or strings
  if ('getReader' in payload) return payload as ReadableStream<string | Uint8Array>;
  if (!('pipe' in payload)) return undefined;
  const stream = payload instanceof Readable ? payload : new Readable().wrap(payload as NodeJS.ReadableStream);
  return Readable.toWeb(stream) as ReadableStream<string | Uint8Array>;
}

function isResponse(payload: unknown): payload is Response {
  return Object.prototype.toString.call(payload) === '[object Response]';
}

function headerText(value: number | string | readonly string[] | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
