import type { AlignResult, Outcome } from '@align-squad/squad';
import { orNull, shareOf } from '../metrics/or-null.js';
import { percentile } from '../metrics/percentile.js';

/** How often each outcome came. */
export type OutcomeCounts = Readonly<Record<Outcome, number>>;

/** Counts results by outcome; every outcome has a count. */
export function countOutcomes(results: readonly AlignResult[]): OutcomeCounts {
  const counts = { clean: 0, aligned: 0, unfixed: 0, blocked: 0, error: 0, timeout: 0 } satisfies OutcomeCounts;
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}

/** What became of misaligned texts. `clean` among the outcomes means that nothing was noticed. */
export interface FixCounts {
  readonly texts: number;
  readonly outcomes: OutcomeCounts;
  /** Share that ends `aligned`. */
  readonly alignedShare: number | null;
}

/** Sums up what became of misaligned texts. */
export function summariseFixes(results: readonly AlignResult[]): FixCounts {
  const outcomes = countOutcomes(results);
  return { texts: results.length, outcomes, alignedShare: shareOf(outcomes.aligned, results.length) };
}

/** What became of texts that were aligned to begin with. */
export interface KeepCounts {
  readonly texts: number;
  readonly outcomes: OutcomeCounts;
  readonly changed: number;
  readonly changedShare: number | null;
}

/** Sums up what became of texts that were aligned to begin with. */
export function summariseKept(results: readonly AlignResult[]): KeepCounts {
  const changed = results.filter((result) => result.changed).length;
  return { texts: results.length, outcomes: countOutcomes(results), changed, changedShare: shareOf(changed, results.length) };
}

/** Milliseconds of some texts, one caller; null without texts. */
export interface LatencyMetrics {
  readonly texts: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/** How long results took. */
export function summariseLatency(results: readonly AlignResult[]): LatencyMetrics {
  const times = results.map(({ timing }) => timing.totalMs);
  return { texts: times.length, p50Ms: orNull(() => percentile(times, 50)), p95Ms: orNull(() => percentile(times, 95)) };
}
