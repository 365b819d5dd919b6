import { AlignSquadError } from '@align-squad/core';

/** Values of a span's attributes. */
export type TracingAttributes = Record<string, string | number | string[]>;

/** The part of an OpenTelemetry span that tracing needs. */
export interface TracingSpan {
  isRecording(): boolean;
  setAttributes(attributes: TracingAttributes): unknown;
  addEvent(name: string, attributes: TracingAttributes): unknown;
  setStatus(status: { code: number }): unknown;
  end(): void;
}

/** The part of an OpenTelemetry tracer that tracing needs; a `Tracer` of `@opentelemetry/api` is one. */
export interface TracingTracer {
  startActiveSpan<R>(
    name: string,
    options: { readonly kind: number; readonly attributes: TracingAttributes },
    body: (span: TracingSpan) => R,
  ): R;
}

/** What a span is started with. */
export interface SpanStart {
  readonly name: string;
  readonly attributes: TracingAttributes;
}

// SpanKind.INTERNAL and SpanStatusCode.ERROR of @opentelemetry/api, which is optional
const internalKind = 0;
const errorStatus = 2;

/**
 * The tracer of whatever OpenTelemetry SDK is registered, now or later; without one its spans cost next to nothing.
 * @throws AlignSquadError `missing-dependency` without `@opentelemetry/api`.
 */
export async function loadTracer(): Promise<TracingTracer> {
  try {
    const { trace } = await import('@opentelemetry/api');
    return trace.getTracer('@align-squad/squad');
  } catch (error) {
    throw new AlignSquadError('Could not load `@opentelemetry/api`, which tracing needs; install it with `npm install @opentelemetry/api`.', {
      code: 'missing-dependency',
      cause: error,
    });
  }
}

/** Starts a span and runs `body` in its context; `body` ends the span. */
export function startSpan<R>(tracer: TracingTracer, { name, attributes }: SpanStart, body: (span: TracingSpan) => R): R {
  return tracer.startActiveSpan(name, { kind: internalKind, attributes }, body);
}

/** Runs `body` in a span of its own, which ends when the promise settles. */
export async function inSpan<R>(
  tracer: TracingTracer,
  start: SpanStart & { readonly signal: AbortSignal | undefined },
  body: (span: TracingSpan) => Promise<R>,
): Promise<R> {
  return startSpan(tracer, start, async (span) => {
    try {
      return await body(span);
    } catch (error) {
      markFailed(span, errorType(error, start.signal));
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Marks a span as failed by the class of its error; no message, as those of third parties may hold text of users. */
export function markFailed(span: TracingSpan, type: string): void {
  span.setAttributes({ 'error.type': type });
  span.setStatus({ code: errorStatus });
}

/** Our error code; `aborted` for the reason of the caller's signal; `_OTHER`, as the conventions have it, for any other. */
export function errorType(error: unknown, signal: AbortSignal | undefined): string {
  if (AlignSquadError.isInstance(error)) return error.code;
  return signal?.aborted === true && error === signal.reason ? 'aborted' : '_OTHER';
}
