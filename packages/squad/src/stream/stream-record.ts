import type { Inspection, Verdict } from '@align-squad/core';
import type { AlignResult, Outcome } from '../result.js';
import { textChanges } from '../text-changes.js';
import { isFailed } from '../verdicts.js';

/** What a stream did so far; the only thing that its steps change. */
export interface StreamRecord {
  /** One a window that was inspected. */
  readonly results: AlignResult[];
  /** Released texts that passed, in order. */
  readonly passed: string[];
  /** All released text. */
  released: string;
  /** What came of the whole answer, where it was judged as one. */
  whole?: AlignResult | undefined;
  /** What ended the stream before its source did. */
  stop?: { readonly outcome: 'error' | 'timeout'; readonly error: NonNullable<AlignResult['error']> } | undefined;
}

/** What the record doesn't know of the whole stream. */
export interface StreamTotals {
  readonly original: string;
  readonly totalMs: number;
}

/** Starts an empty record. */
export function createStreamRecord(): StreamRecord {
  return { results: [], passed: [], released: '' };
}

/** The last texts that passed, together at most `limit` UTF-16 units, none of them cut. */
export function lastPassed(passed: readonly string[], limit: number): string {
  let first = passed.length;
  for (let length = 0; first > 0; first -= 1) {
    length += passed[first - 1]?.length ?? 0;
    if (length > limit) break;
  }
  return passed.slice(first).join('');
}

/** The result of the whole stream. */
export function toStreamResult(record: StreamRecord, { original, totalMs }: StreamTotals): AlignResult {
  const { results, whole, stop } = record;
  const all = whole ? [...results, whole] : results;
  const response = whole?.outcome === 'aligned' ? whole.response : record.released;
  const outcome = outcomeOf(record, response !== original);
  const error = stop?.error ?? all.find((result) => result.outcome === outcome && result.error)?.error;
  const sum = (key: 'inspectMs' | 'alignMs' | 'inspectorCalls'): number =>
    all.reduce((total, { timing }) => total + timing[key], 0);
  return {
    outcome,
    response,
    original,
    changed: response !== original,
    changes: textChanges(original, response),
    inspections: whole?.inspections ?? worstVerdicts(results.map(({ inspections }) => inspections)),
    originalInspections:
      whole?.original === original
        ? whole.originalInspections
        : worstVerdicts(results.map(({ originalInspections }) => originalInspections)),
    steps: all.flatMap(({ steps }) => steps),
    timing: { totalMs, inspectMs: sum('inspectMs'), alignMs: sum('alignMs'), inspectorCalls: sum('inspectorCalls') },
    ...(error && { error }),
  };
}

function outcomeOf({ results, whole, stop }: StreamRecord, changed: boolean): Outcome {
  if (stop) return stop.outcome;
  const outcomes = new Set([...results, ...(whole ? [whole] : [])].map(({ outcome }) => outcome));
  const worst = (['timeout', 'error', 'unfixed', 'blocked'] as const).find((outcome) => outcomes.has(outcome));
  return worst ?? (changed ? 'aligned' : 'clean');
}

/** The worst verdict by criterion; spans of several texts would not fit together. */
function worstVerdicts(inspections: readonly Inspection[]): Inspection {
  const [first, ...others] = inspections;
  if (first === undefined || others.length === 0) return first ?? {};
  const worst = new Map<string, Verdict>();
  for (const [criterion, { spans: _spans, ...verdict }] of inspections.flatMap((inspection) => Object.entries(inspection))) {
    const known = worst.get(criterion);
    if (known === undefined || isWorse(verdict, known)) worst.set(criterion, verdict);
  }
  return Object.fromEntries(worst);
}

function isWorse(a: Verdict, b: Verdict): boolean {
  return rank(a) - rank(b) > 0 || (rank(a) === rank(b) && a.misalignment > b.misalignment);
}

function rank(verdict: Verdict): number {
  if (verdict.status === 'flag') return 3;
  if (isFailed(verdict)) return 2;
  return verdict.status === 'pass' ? 1 : 0;
}
