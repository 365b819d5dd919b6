import type { Inspection, Inspector, SpanScore, Verdict } from '@align-squad/core';

/**
 * The inspector that reads each response as the continuation of `before`; spans count from the response's start, and
 * those that end before it are left out.
 */
export function inContext(inspector: Inspector, before: string): Inspector {
  if (before === '') return inspector;
  const { contract, version, criteria, abilities } = inspector;
  return {
    contract,
    version,
    criteria,
    abilities,
    inspect: async (exchanges, options) => {
      const longer = exchanges.map((exchange) => ({ ...exchange, response: before + exchange.response }));
      const inspections = await inspector.inspect(longer, options);
      // what contradicts the contract is the squad's to find
      if (!Array.isArray(inspections)) return inspections;
      return inspections.map((inspection: Inspection | undefined) => shiftInspection(inspection, before.length));
    },
  };
}

function shiftInspection(inspection: Inspection | undefined, by: number): Inspection {
  const verdicts = Object.entries(inspection ?? {}).map(([criterion, verdict]) => [criterion, shiftSpans(verdict, by)]);
  return Object.fromEntries(verdicts);
}

function shiftSpans(verdict: Verdict, by: number): Verdict {
  if (!Array.isArray(verdict?.spans)) return verdict;
  const spans = verdict.spans
    .filter(({ end }: SpanScore) => end > by)
    .map((span: SpanScore) => ({ ...span, start: Math.max(0, span.start - by), end: span.end - by }));
  return { ...verdict, spans };
}
