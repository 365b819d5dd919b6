import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { describeError, errorEvent } from './errors-to-response.js';
import { followBody } from './follow-body.js';
import type { ServerEnv, ServerParts } from './parts.js';
import { isEventStream } from './server-events.js';

/**
 * Gives each request its call and ends it after the last byte; then it is counted and logged. A stream that fails ends
 * with an error event.
 */
export function trackCalls({ calls, options, metrics, state }: ServerParts): MiddlewareHandler<ServerEnv> {
  const { timeoutMs, logger } = options;
  return async (context, next) => {
    const { raw, method } = context.req;
    const started = performance.now();
    const call = calls.begin({ signal: raw.signal, timeoutMs });
    const { note } = call;
    let { id } = call;
    const route = routeOf(routePath(context, -1));
    let status = 499;
    call.onEnd(() => {
      if (call.signal.aborted) note.error ??= describeError(call.signal.reason).code;
      const milliseconds = Math.round(performance.now() - started);
      metrics.countRequest({ route, status });
      logger?.({ time: new Date().toISOString(), id, method, route, status, milliseconds, ...note });
    });
    context.set('call', call);
    await next();
    const response = context.res;
    status = response.status;
    if (context.error !== undefined) note.error ??= describeError(context.error).code;
    // that of the upstream, where it gave one
    id = response.headers.get('x-request-id') ?? id;
    response.headers.set('x-request-id', id);
    if (state.isStopping) response.headers.set('connection', 'close');
    if (response.body === null || !isEventStream(response)) return call.end();
    const lastWords = (error: unknown): Uint8Array => {
      note.error ??= describeError(error).code;
      return errorEvent(error);
    };
    const body = followBody(response.body, { signal: call.signal, lastWords, onEnd: () => call.end() });
    context.res = new Response(body, response);
  };
}

/** Patterns of middleware alone stand for no route; a path that a client chose is never a label. */
function routeOf(pattern: string): string {
  return pattern.includes('*') ? 'other' : pattern;
}
