import type { TracingSpan } from '@align-squad/squad';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { ServerEnv, ServerParts } from './parts.js';

// SpanKind.SERVER and SpanStatusCode.ERROR of @opentelemetry/api, which is optional
const serverKind = 1;
const errorStatus = 2;

/** Runs each request in a span of its own, from its arrival to its last byte, where the server has a tracer. */
export function traceRequests({ state }: ServerParts): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    const { tracer } = state;
    if (tracer === undefined) return next();
    const { method } = context.req;
    const route = routePath(context, -1);
    const attributes = { 'http.request.method': method, 'http.route': route };
    await tracer.startActiveSpan(`${method} ${route}`, { kind: serverKind, attributes }, async (span: TracingSpan) => {
      await next();
      const { status } = context.res;
      span.setAttributes({ 'http.response.status_code': status });
      const { call } = context.var;
      call.onEnd(() => {
        if (call.note.error !== undefined) span.setAttributes({ 'error.type': call.note.error });
        if (call.note.error !== undefined && (status < 400 || status >= 500)) span.setStatus({ code: errorStatus });
        span.end();
      });
    });
  };
}
