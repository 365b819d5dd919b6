import { parseWith, type Aligner, type Inspector } from '@align-squad/core';
import { z } from 'zod';
import type { Squad } from '../create-squad.js';
import { traceRewrites } from './traced-aligner.js';
import { traceInspections } from './traced-inspector.js';
import { traceCalls } from './traced-squad.js';
import { loadTracer, type TracingTracer } from './tracer.js';
import { notABackend, wrapBackend } from './wrap-backend.js';

/** Options of `withTracing`. */
export interface TracingOptions {
  /** Starts the spans. @default the tracer `@align-squad/squad` of `@opentelemetry/api` */
  readonly tracer?: TracingTracer | undefined;
  /** Put the texts of exchanges and rewrites into the spans too. @default false */
  readonly captureText?: boolean | undefined;
}

const optionsSchema: z.ZodType<TracingOptions> = z.strictObject({
  tracer: z
    .custom<TracingTracer>((value) => typeof value === 'object' && value !== null && 'startActiveSpan' in value)
    .optional(),
  captureText: z.boolean().optional(),
});

/**
 * A backend or squad whose calls are OpenTelemetry spans, one a call, with the GenAI semantic conventions' names where they
 * have some: `evaluation`, `align <criterion>`, `squad align` and `squad evaluation`, and an event
 * `gen_ai.evaluation.result` a criterion. What it wraps runs inside the span's context. Errors are recorded by code only.
 * Rejects with `invalid-options`, or with `missing-dependency` without `@opentelemetry/api` when no tracer is given.
 */
export async function withTracing<T extends Inspector | Aligner | Squad>(backend: T, options: TracingOptions = {}): Promise<T> {
  const parsed = parseWith(optionsSchema, options, { what: 'tracing options', code: 'invalid-options' });
  const known: Inspector | Aligner | Squad = backend;
  const tracer = parsed.tracer ?? (await loadTracer());
  const setup = { tracer, captureText: parsed.captureText ?? false };
  if (!('contract' in known)) {
    if (typeof known.alignMany !== 'function') throw notABackend('an inspector, an aligner or a squad');
    return wrapBackend(backend, traceCalls(known, setup));
  }
  if (known.contract === 'inspector/1') return wrapBackend(backend, { inspect: traceInspections(known, setup) });
  if (known.contract === 'aligner/1') return wrapBackend(backend, { align: traceRewrites(known, setup) });
  throw notABackend('an inspector, an aligner or a squad');
}
