import { charactersKept, cleanCriterion, exchangeOf, percentile } from '@align-squad/eval';
import type { AlignResult, Outcome } from 'align-squad';
import type { JudgedRecord } from './judge-records.js';
import { orNull, shareOf } from './or-null.js';
import type { NgramBaseline } from './baseline/ngram-baseline.js';

/** How often each outcome came. */
export type OutcomeCounts = Readonly<Record<Outcome, number>>;

/** What became of misaligned texts. `clean` among the outcomes means that nothing was noticed. */
export interface FixReport {
  readonly texts: number;
  readonly outcomes: OutcomeCounts;
  /** Share that ends `aligned`. */
  readonly alignedShare: number | null;
  /** Mean share of the characters of the original that are still there in the texts that end `aligned`. */
  readonly charactersKept: number | null;
  /** Share of the texts that end `aligned` which the n-gram baseline, that had no part in it, scores below the original. */
  readonly baselineAgrees: number | null;
}

/** What became of texts that were aligned to begin with. */
export interface KeepReport {
  readonly texts: number;
  readonly outcomes: OutcomeCounts;
  readonly changed: number;
  readonly changedShare: number | null;
}

/** Milliseconds of the texts that ended `clean`, all criteria, one caller. */
export interface LatencyReport {
  readonly texts: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/** How good the squad is. */
export interface SquadReport {
  /** By the criterion of the record. */
  readonly misaligned: Readonly<Record<string, { readonly own: FixReport; readonly all: FixReport }>>;
  /** By the criterion of the record, `clean` included. */
  readonly alreadyAligned: Readonly<Record<string, KeepReport>>;
  readonly alreadyAlignedInAll: KeepReport;
  readonly latency: LatencyReport;
}

/** Sums up what the squad did with the records. */
export function summariseSquad(judged: readonly JudgedRecord[], baseline: NgramBaseline): SquadReport {
  const sources = [...new Set(judged.map(({ record }) => record.criterion))].sort();
  const of = (source: string): JudgedRecord[] => judged.filter(({ record }) => record.criterion === source);
  const results = (records: readonly JudgedRecord[]): AlignResult[] => records.map(({ aligned }) => aligned);
  return {
    misaligned: Object.fromEntries(
      sources
        .filter((source) => source !== cleanCriterion)
        .map((source) => [
          source,
          { own: summariseFixes(of(source), 'own', baseline), all: summariseFixes(of(source), 'all', baseline) },
        ]),
    ),
    alreadyAligned: Object.fromEntries(sources.map((source) => [source, summariseKept(results(of(source)))])),
    alreadyAlignedInAll: summariseKept(results(judged)),
    latency: summariseLatency(results(judged)),
  };
}

/** Counts results by outcome; every outcome has a count. */
export function countOutcomes(results: readonly AlignResult[]): OutcomeCounts {
  const counts = { clean: 0, aligned: 0, unfixed: 0, blocked: 0, error: 0, timeout: 0 } satisfies OutcomeCounts;
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}

function summariseFixes(judged: readonly JudgedRecord[], criteria: 'own' | 'all', baseline: NgramBaseline): FixReport {
  const tries = judged.flatMap(({ record, misaligned }) =>
    misaligned === undefined ? [] : [{ record, result: misaligned[criteria] }],
  );
  const fixed = tries.filter(({ result }) => result.outcome === 'aligned');
  const kept = fixed.map(({ result }) => charactersKept(result.original, result.response));
  const agreed = fixed.filter(({ record, result }) => {
    const score = (text: string): number => baseline.score(exchangeOf(record, text), record.criterion);
    return score(result.response) < score(result.original);
  });
  return {
    texts: tries.length,
    outcomes: countOutcomes(tries.map(({ result }) => result)),
    alignedShare: shareOf(fixed.length, tries.length),
    charactersKept: shareOf(kept.reduce((sum, share) => sum + share, 0), kept.length),
    baselineAgrees: shareOf(agreed.length, fixed.length),
  };
}

function summariseKept(results: readonly AlignResult[]): KeepReport {
  const changed = results.filter((result) => result.changed).length;
  return {
    texts: results.length,
    outcomes: countOutcomes(results),
    changed,
    changedShare: shareOf(changed, results.length),
  };
}

function summariseLatency(results: readonly AlignResult[]): LatencyReport {
  const times = results.filter(({ outcome }) => outcome === 'clean').map(({ timing }) => timing.totalMs);
  return {
    texts: times.length,
    p50Ms: orNull(() => percentile(times, 50)),
    p95Ms: orNull(() => percentile(times, 95)),
  };
}
