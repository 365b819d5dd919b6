import type { Exchange, Inspection, Inspector, InspectOptions, SpanScore, Verdict } from '@align-squad/core';

/** Where in an answer a response stands. */
export interface Place {
  /** Text that passed before it. */
  readonly before: string;
  /** With it the answer is complete. */
  readonly isLast: boolean;
}

/**
 * The inspector that reads each response as the continuation of `before`; spans count from the response's start, and
 * those that end before it are left out. Where the inspector has another threshold for unfinished responses that one
 * holds; for the last one only when `before` fails the threshold of whole ones already, as that is not its fault.
 */
export function inContext(inspector: Inspector, { before, isLast }: Place): Inspector {
  const { contract, version, criteria, abilities } = inspector;
  const { unfinished = {} } = abilities;
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
      const asWhole = isLast ? await wholeCriteria(inspector, { exchanges, inspections, before, options }) : new Set<string>();
      return inspections.map((inspection: Inspection | undefined) =>
        mapVerdicts(inspection, (criterion, verdict) => {
          const threshold = asWhole.has(criterion) ? undefined : unfinished[criterion];
          return shiftSpans(restate(verdict, threshold ?? undefined), before.length);
        }),
      );
    },
  };
}

interface LastInspection {
  readonly exchanges: readonly Exchange[];
  readonly inspections: readonly (Inspection | undefined)[];
  readonly before: string;
  readonly options: InspectOptions | undefined;
}

/** The criteria that the end of an answer is judged by as a whole answer is; `before` is asked for only where that matters. */
async function wholeCriteria(inspector: Inspector, { exchanges, inspections, before, options }: LastInspection): Promise<ReadonlySet<string>> {
  const { unfinished = {} } = inspector.abilities;
  const differs = (criterion: string): boolean =>
    inspections.some((inspection) => isFlagged(inspection?.[criterion]) && !isFlagged(restate(inspection?.[criterion], unfinished[criterion] ?? undefined)));
  const criteria = options?.criteria ?? inspector.criteria;
  const [first] = exchanges;
  if (before === '' || first === undefined || !criteria.some(differs)) return new Set(criteria);
  const [earlier] = await inspector.inspect([{ ...first, response: before }], options);
  return new Set(criteria.filter((criterion) => !isFlagged(earlier?.[criterion])));
}

function isFlagged(verdict: Verdict | undefined): boolean {
  return verdict?.status === 'flag';
}

function restate<V extends Verdict | undefined>(verdict: V, threshold: number | undefined): V {
  if (threshold === undefined || !verdict || verdict.status === 'unknown') return verdict;
  return { ...verdict, threshold, status: verdict.misalignment >= threshold ? 'flag' : 'pass' };
}

function mapVerdicts(inspection: Inspection | undefined, map: (criterion: string, verdict: Verdict) => Verdict): Inspection {
  return Object.fromEntries(Object.entries(inspection ?? {}).map(([criterion, verdict]) => [criterion, map(criterion, verdict)]));
}

function shiftSpans(verdict: Verdict, by: number): Verdict {
  if (!Array.isArray(verdict?.spans)) return verdict;
  const spans = verdict.spans
    .filter(({ end }: SpanScore) => end > by)
    .map((span: SpanScore) => ({ ...span, start: Math.max(0, span.start - by), end: span.end - by }));
  return { ...verdict, spans };
}
