import type { Aligner } from '@align-squad/core';

/** One rewrite to ask for. */
export interface Attempt {
  readonly criterion: string;
  readonly aligner: Aligner;
  /** Which of the aligner's rewrites, from 0. */
  readonly candidate: number;
}

/** Remembers what was asked for one exchange, so that nothing is asked twice of the same text. */
export interface AttemptLog {
  /** The first candidate that was not asked for; Infinity when the aligner has no more. */
  readonly nextCandidate: (response: string, criterion: string, aligner: Aligner) => number;
  /** Rewrites asked for so far, of one aligner or of all. */
  readonly count: (aligner?: Aligner) => number;
  /** `exhausted`: further candidates are not worth asking for. */
  readonly record: (response: string, attempt: Attempt, exhausted: boolean) => void;
}

/** Starts an empty log. */
export function createAttemptLog(): AttemptLog {
  const next = new Map<string, Map<string, Map<Aligner, number>>>();
  const counts = new Map<Aligner, number>();
  return {
    nextCandidate: (response, criterion, aligner) => next.get(response)?.get(criterion)?.get(aligner) ?? 0,
    count: (aligner) => {
      if (aligner) return counts.get(aligner) ?? 0;
      return [...counts.values()].reduce((sum, count) => sum + count, 0);
    },
    record: (response, { criterion, aligner, candidate }, exhausted) => {
      const byCriterion = next.get(response) ?? new Map<string, Map<Aligner, number>>();
      const byAligner = byCriterion.get(criterion) ?? new Map<Aligner, number>();
      byAligner.set(aligner, exhausted ? Infinity : Math.max(byAligner.get(aligner) ?? 0, candidate + 1));
      next.set(response, byCriterion.set(criterion, byAligner));
      counts.set(aligner, (counts.get(aligner) ?? 0) + 1);
    },
  };
}

/** What `nextAttempts` works with. */
export interface NextAttemptsOptions {
  /** Ids of the criteria to try, the most urgent first. */
  readonly criteria: readonly string[];
  /** In the order in which they are asked. */
  readonly aligners: readonly Aligner[];
  readonly log: AttemptLog;
  /** Most attempts to give. */
  readonly wanted: number;
  /** Most rewrites asked of one aligner. */
  readonly attemptsPerAligner: number;
}

/**
 * What to try next on `response`: of the first criterion that has a rewrite left, the next candidates of the first
 * aligner that has one left; empty when nothing is left or wanted.
 */
export function nextAttempts(response: string, options: NextAttemptsOptions): Attempt[] {
  const { criteria, aligners, log, wanted, attemptsPerAligner } = options;
  for (const criterion of criteria) {
    for (const aligner of aligners) {
      if (!aligner.criteria.includes(criterion)) continue;
      const first = log.nextCandidate(response, criterion, aligner);
      const left = Math.min(aligner.abilities.maxCandidates - first, attemptsPerAligner - log.count(aligner));
      const length = Math.min(wanted, Math.floor(left));
      if (length > 0) return Array.from({ length }, (_value, index) => ({ criterion, aligner, candidate: first + index }));
    }
  }
  return [];
}
