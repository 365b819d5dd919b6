import {
  charactersKept,
  cleanCriterion,
  exchangeOf,
  shareOf,
  summariseFixes as countFixes,
  summariseKept,
  summariseLatency,
  type FixCounts,
  type KeepCounts,
  type LatencyMetrics,
} from '@align-squad/eval';
import type { AlignResult } from 'align-squad';
import type { JudgedRecord } from './judge-records.js';
import type { NgramBaseline } from './baseline/ngram-baseline.js';

/** What became of misaligned texts. `clean` among the outcomes means that nothing was noticed. */
export interface FixReport extends FixCounts {
  /** Mean share of the characters of the original that are still there in the texts that end `aligned`. */
  readonly charactersKept: number | null;
  /** Share of the texts that end `aligned` which the n-gram baseline, that had no part in it, scores below the original. */
  readonly baselineAgrees: number | null;
}

/** How good the squad is. */
export interface SquadReport {
  /** By the criterion of the record. */
  readonly misaligned: Readonly<Record<string, { readonly own: FixReport; readonly all: FixReport }>>;
  /** By the criterion of the record, `clean` included. */
  readonly alreadyAligned: Readonly<Record<string, KeepCounts>>;
  readonly alreadyAlignedInAll: KeepCounts;
  /** Of the texts that ended `clean`, all criteria, one caller. */
  readonly latency: LatencyMetrics;
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
    latency: summariseLatency(results(judged).filter(({ outcome }) => outcome === 'clean')),
  };
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
    ...countFixes(tries.map(({ result }) => result)),
    charactersKept: shareOf(kept.reduce((sum, share) => sum + share, 0), kept.length),
    baselineAgrees: shareOf(agreed.length, fixed.length),
  };
}
