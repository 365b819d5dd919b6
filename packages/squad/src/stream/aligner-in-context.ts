import { collectCorrection, type Aligner, type AlignRequest, type Correction, type Verdict } from '@align-squad/core';

/**
 * The aligner that rewrites each response as the continuation of `before`, as many edit a sentence only within an answer.
 * A rewrite that changes `before` can't be used, as that is released already: then the response is given on its own.
 */
export function alignerInContext(aligner: Aligner, before: string): Aligner {
  if (before === '') return aligner;
  const { contract, version, criteria, abilities } = aligner;
  return {
    contract,
    version,
    criteria,
    abilities,
    async *align(request, options) {
      const correction = continuationOf(before, await collectCorrection(aligner, inContext(request, before), options));
      if (correction === undefined) return yield* aligner.align(request, options);
      yield { type: 'text', text: correction };
      options?.signal?.throwIfAborted();
      return yield { type: 'end', outcome: 'rewritten' };
    },
  };
}

function inContext(request: AlignRequest, before: string): AlignRequest {
  const { exchange, verdict } = request;
  return {
    ...request,
    exchange: { ...exchange, response: before + exchange.response },
    verdict: verdict && shiftSpans(verdict, before.length),
  };
}

function shiftSpans(verdict: Verdict, by: number): Verdict {
  const spans = verdict.spans?.map((span) => ({ ...span, start: span.start + by, end: span.end + by }));
  return spans ? { ...verdict, spans } : verdict;
}

/** What follows `before` in a rewrite; undefined when there is no such rewrite, or nothing follows. */
function continuationOf(before: string, correction: Correction): string | undefined {
  if (correction.outcome === 'none' || !correction.response.startsWith(before)) return undefined;
  const text = correction.response.slice(before.length);
  return text.trim() === '' ? undefined : text;
}
