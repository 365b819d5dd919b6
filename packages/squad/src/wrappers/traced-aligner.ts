import { AsyncResource } from 'node:async_hooks';
import type { Aligner, AlignEvent, AlignRequest } from '@align-squad/core';
import { recordExchange, recordRewrite, startAttributes } from './record-span.js';
import type { TracingSetup } from './traced-inspector.js';
import { errorType, markFailed, startSpan, type SpanStart } from './tracer.js';

/** `align` in a span `align <criterion>`, from the first event that is asked for to the last, or to the reader's stop. */
export function traceRewrites(aligner: Aligner, { tracer, captureText }: TracingSetup): Aligner['align'] {
  return async function* align(request, options) {
    // The context of the span, for each step of the stream: a generator runs in that of whoever asks for its next event.
    const { span, context } = startSpan(tracer, describe(aligner, request), (started) => ({
      span: started,
      context: new AsyncResource('align-squad.align'),
    }));
    const keepsText = captureText && span.isRecording();
    let outcome = 'closed';
    let rewrite = '';
    try {
      if (keepsText) recordExchange(span, request.exchange, 0);
      for await (const event of bindStream(() => aligner.align(request, options), context)) {
        if (event.type === 'end') outcome = event.outcome === 'rewritten' ? 'rewritten' : 'none';
        else if (keepsText) rewrite += event.text;
        yield event;
      }
      // A stream without `end` counts as no rewrite.
      if (outcome === 'closed') outcome = 'none';
    } catch (error) {
      outcome = 'error';
      markFailed(span, errorType(error, options?.signal));
      throw error;
    } finally {
      if (keepsText && outcome === 'rewritten') recordRewrite(span, rewrite, 0);
      span.setAttributes({ 'align_squad.outcome': outcome });
      span.end();
    }
  };
}

function describe(aligner: Aligner, { criterion, candidate = 0 }: AlignRequest): SpanStart {
  const served = aligner.criteria.filter((id) => id === criterion);
  const attributes = startAttributes('align', served, {
    'align_squad.backend.version': aligner.version,
    'align_squad.candidate': candidate,
  });
  return { name: ['align', ...served].join(' '), attributes };
}

function bindStream(open: () => AsyncIterable<AlignEvent>, context: AsyncResource): AsyncIterable<AlignEvent> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = context.runInAsyncScope(() => open()[Symbol.asyncIterator]());
      return {
        next: () => context.runInAsyncScope(() => iterator.next()),
        return: async () => (await context.runInAsyncScope(() => iterator.return?.())) ?? { done: true, value: undefined },
      };
    },
  };
}
