import { collectCorrection, type Aligner, type AlignRequest, type Correction, type Verdict } from '@align-squad/core';

/**
 * The aligner that rewrites each response as the continuation of `before`, as many edit a sentence only within an answer.
 * It may leave the response out, where `before` still holds text. A rewrite that changes `before` can't be used, as that is
 * released already: then the response is given on its own.
 */
export function alignerInContext(aligner: Aligner, before: string): Aligner {
  if (before === '') return aligner;
  const { contract, version, criteria, abilities } = aligner;
  return {
    contract,
    version,
    criteria,
    abilities: { ...abilities, mayLeaveOut: before.trim() !== '' },
    async *align(request, options) {
      const correction = continuationOf(before, await collectCorrection(aligner, inContext(request, before), options));
      if (correction === undefined) return yield* aligner.align(request, options);
      if (correction !== '') yield { type: 'text', text: correction };
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

/** The spans of the response behind one for `before`, which is not at fault. */
function shiftSpans(verdict: Verdict, by: number): Verdict {
  const spans = verdict.spans?.map((span) => ({ ...span, start: span.start + by, end: span.end + by }));
  return spans ? { ...verdict, spans: [{ start: 0, end: by, misalignment: 0 }, ...spans] } : verdict;
}

/** What follows `before` in a rewrite, which is nothing where the response was taken out; undefined when `before` was changed. */
function continuationOf(before: string, correction: Correction): string | undefined {
  if (correction.outcome === 'none') return undefined;
  const { response } = correction;
  if (response.startsWith(before)) return response.slice(before.length);
  return response.trimEnd() === before.trimEnd() ? '' : undefined;
}
