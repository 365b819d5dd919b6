import { raceAbort, type Criterion } from '@align-squad/core';
import type { Context, MiddlewareHandler } from 'hono';
import type { HttpOptions, RequestInfo } from './options.js';
import { createReplyAligner, type AlignedReply } from './reply-aligner.js';
import type { ReplyBody } from './read-text.js';
import { replyKind } from './reply-kind.js';

/**
 * Middleware that aligns the answers in what the routes behind it send.
 * @throws AlignSquadError `invalid-options`.
 * @example
 * ```ts
 * import { alignAnswers } from '@align-squad/http/hono';
 * import { Hono } from 'hono';
 *
 * const app = new Hono().use('/chat', alignAnswers(['ethical']));
 * ```
 */
export function alignAnswers(criteria?: readonly (string | Criterion)[], options: HttpOptions = {}): MiddlewareHandler {
  const align = createReplyAligner(criteria, options);
  return async (context, next) => {
    await next();
    const { res } = context;
    const head = { method: context.req.method, status: res.status, header: (name: string) => res.headers.get(name) ?? undefined };
    const kind = replyKind(head);
    if (kind === 'pass' || res.body === null) return;
    const left = new AbortController();
    const signal = AbortSignal.any([context.req.raw.signal, left.signal]);
    try {
      const body = kind === 'text' ? await takeWhole(res.body, signal) : res.body;
      replace(context, await align({ ...head, kind, body, request: () => requestInfo(context), signal }), left);
    } catch (error) {
      if (!signal.aborted) throw error;
      // for nobody: the client closed the request
      context.res = new Response(null, { status: 499 });
    }
  };
}

function replace(context: Context, { status, remove, set, body }: AlignedReply, left: AbortController): void {
  const { res } = context;
  const headers = new Headers(res.headers);
  for (const name of remove) headers.delete(name);
  for (const [name, value] of Object.entries(set)) headers.set(name, value);
  // otherwise the headers of the reply before come back
  context.res = undefined;
  context.res = new Response(typeof body === 'string' ? body : toStream(body, left), { status: status ?? res.status, headers });
}

function toStream(body: AsyncGenerator<Uint8Array, void, undefined>, left: AbortController): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await body.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => {
      left.abort(reason);
      // waits for a sentence that is under way
      body.return().catch(() => undefined);
    },
  });
}

/** What a body holds at once, as a whole, such as the text of `context.text()`; the stream where more is to come. */
async function takeWhole(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<ReplyBody> {
  const reader = stream.getReader();
  const first = reader.read();
  const second = first.then(() => reader.read());
  // what either fails with is said to who reads the stream below
  const isEnd = second.then(({ done }) => done, () => false);
  const later = first.then(() => new Promise<false>((resolve) => setTimeout(resolve, 0, false)), () => false);
  const isWhole = await raceAbort(Promise.race([isEnd, later]), signal).catch((error: unknown) => {
    reader.cancel(error).catch(() => undefined);
    throw error;
  });
  if (isWhole) return (await first).value ?? '';
  const ahead = [first, second];
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await (ahead.shift() ?? reader.read());
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

async function requestInfo({ req }: Context): Promise<RequestInfo> {
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(req.header('content-type') ?? '');
  // Hono keeps what was read, for whoever asks next; what the route read past it is gone
  const body: unknown = isJson ? await req.json().catch(() => undefined) : undefined;
  return { method: req.method, url: req.url, headers: req.header(), body };
}
