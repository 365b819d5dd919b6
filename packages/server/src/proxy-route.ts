import { raceAbort } from '@align-squad/core';
import { alignFetch } from '@align-squad/openai';
import type { Handler } from 'hono';
import { refuse } from './errors-to-response.js';
import { resultListener, type ServerEnv, type ServerParts } from './parts.js';
import { readJson } from './read-json.js';
import { isEventStream, streamHeaders } from './server-events.js';
import { fetchUpstream, headersForClient, type Upstream } from './upstream.js';

/** Sends a request upstream and gives the aligned answer, as it comes where it is streamed. */
export function proxyAligned(path: '/chat/completions' | '/responses', parts: ServerParts): Handler<ServerEnv> {
  return async ({ req, var: { call } }) => {
    const upstream = requireUpstream(parts);
    const { signal } = call;
    const { text } = await readJson(req.raw, { maxBytes: parts.options.maxBodyBytes, signal });
    const { criteria, adapter } = await raceAbort(parts.engine, signal);
    const fetchAligned = alignFetch(criteria, { ...adapter, fetch: fetchUpstream, onResult: resultListener(parts, call) });
    const headers = upstream.headersFor(req.raw.headers);
    return toClient(await raceAbort(fetchAligned(upstream.urlOf(path), { method: 'POST', headers, body: text, signal }), signal), signal);
  };
}

/** Passes a list that holds no answers through. */
export function proxyPlain(path: '/models', parts: ServerParts): Handler<ServerEnv> {
  return async ({ req, var: { call } }) => {
    const upstream = requireUpstream(parts);
    const { signal } = call;
    const response = await raceAbort(fetchUpstream(upstream.urlOf(path), { headers: upstream.headersFor(req.raw.headers), signal }), signal);
    return toClient(response, signal);
  };
}

function requireUpstream({ upstream }: ServerParts): Upstream {
  if (upstream !== undefined) return upstream;
  throw refuse(501, 'This server has no upstream; start it with one.', { code: 'no_upstream' });
}

/** An answer in one piece is read whole first, so that one that breaks off is an error and not half an answer. */
async function toClient(response: Response, signal: AbortSignal): Promise<Response> {
  const { status } = response;
  const headers = headersForClient(response.headers);
  if (!isEventStream(response)) {
    const body = response.body === null ? null : await raceAbort(response.arrayBuffer(), signal);
    return new Response(body, { status, headers });
  }
  for (const [name, value] of Object.entries(streamHeaders)) headers.set(name, value);
  return new Response(response.body, { status, headers });
}
