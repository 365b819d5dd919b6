import type { Exchange, Inspector } from '@align-squad/core';
import { askedCriteria, recordExchange, recordInspection, startAttributes } from './record-span.js';
import { inSpan, type TracingTracer } from './tracer.js';

/** How a backend is traced. */
export interface TracingSetup {
  readonly tracer: TracingTracer;
  readonly captureText: boolean;
}

/** `inspect` in a span `evaluation`, with an event a verdict. */
export function traceInspections(inspector: Inspector, { tracer, captureText }: TracingSetup): Inspector['inspect'] {
  return (exchanges, options = {}) => {
    const criteria = askedCriteria(inspector.criteria, options.criteria);
    const batch = Array.isArray(exchanges) ? exchanges : [];
    const attributes = startAttributes('evaluation', criteria, {
      'align_squad.backend.version': inspector.version,
      'align_squad.batch_size': batch.length,
    });
    return inSpan(tracer, { name: 'evaluation', attributes, signal: options.signal }, async (span) => {
      if (captureText) batch.forEach((exchange: Exchange, index) => recordExchange(span, exchange, index));
      const inspections = await inspector.inspect(exchanges, options);
      if (Array.isArray(inspections)) {
        inspections.forEach((inspection, index) => recordInspection(span, inspection, { criteria, index }));
      }
      return inspections;
    });
  };
}
