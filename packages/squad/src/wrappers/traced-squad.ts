import type { Exchange } from '@align-squad/core';
import type { Squad } from '../create-squad.js';
import type { SquadInspectOptions } from '../options.js';
import type { AlignResult } from '../result.js';
import { askedCriteria, recordExchange, recordInspection, recordRewrite, startAttributes } from './record-span.js';
import type { TracingSetup } from './traced-inspector.js';
import { inSpan, markFailed, type TracingAttributes, type TracingSpan } from './tracer.js';

/** `align` in a span `squad align`, `inspect` and `inspectMany` in one `squad evaluation`. */
export function traceCalls(squad: Squad, setup: TracingSetup): Pick<Squad, 'align' | 'inspect' | 'inspectMany'> {
  const { criteria } = squad;
  const inspectAll = <R>(exchanges: readonly (Exchange | string)[], options: SquadInspectOptions, body: (span: TracingSpan) => Promise<R>): Promise<R> => {
    const batch: readonly (Exchange | string)[] = Array.isArray(exchanges) ? exchanges : [];
    const start = describe('evaluation', criteria, options, { 'align_squad.batch_size': batch.length });
    return inSpan(setup.tracer, start, (span) => {
      if (setup.captureText) batch.forEach((exchange, index) => recordExchange(span, exchange, index));
      return body(span);
    });
  };
  return {
    align: (exchange, options = {}) =>
      inSpan(setup.tracer, describe('align', criteria, options, {}), async (span) => {
        if (setup.captureText) recordExchange(span, exchange, 0);
        const result = await squad.align(exchange, options);
        if (span.isRecording()) recordResult(span, result, squad, setup.captureText);
        return result;
      }),
    inspect: (exchange, options = {}) =>
      inspectAll([exchange], options, async (span) => {
        const inspection = await squad.inspect(exchange, options);
        recordInspection(span, inspection, { criteria, index: 0 });
        return inspection;
      }),
    inspectMany: (exchanges, options = {}) =>
      inspectAll(exchanges, options, async (span) => {
        const inspections = await squad.inspectMany(exchanges, options);
        inspections.forEach((inspection, index) => recordInspection(span, inspection, { criteria, index }));
        return inspections;
      }),
  };
}

function describe(
  operation: string,
  served: readonly string[],
  { criteria, signal }: SquadInspectOptions,
  more: TracingAttributes,
): { name: string; attributes: TracingAttributes; signal: AbortSignal | undefined } {
  const attributes = startAttributes(operation, askedCriteria(served, criteria), more);
  return { name: `squad ${operation}`, attributes, signal };
}

function recordResult(span: TracingSpan, result: AlignResult, { criteria }: Squad, captureText: boolean): void {
  recordInspection(span, result.inspections, { criteria, index: 0 });
  if (captureText && result.changed) recordRewrite(span, result.response, 0);
  span.setAttributes({
    'align_squad.outcome': result.outcome,
    'align_squad.attempts': result.steps.length,
    'align_squad.inspector_calls': result.timing.inspectorCalls,
  });
  if (result.error) markFailed(span, result.error.code);
}
