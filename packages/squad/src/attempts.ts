import type { Aligner, Inspection } from '@align-squad/core';
import { flaggedWorstFirst } from './verdicts.js';

/** One rewrite to ask for. */
export interface Attempt {
  readonly criterion: string;
  readonly aligner: Aligner;
  /** Which of the aligner's rewrites, from 0. */
  readonly candidate: number;
}

/** Remembers what was asked for, so that nothing is asked twice of the same text. */
export interface AttemptLog {
  /** The first candidate that was not asked for; Infinity when the aligner has no more. */
  readonly nextCandidate: (response: string, criterion: string, aligner: Aligner) => number;
  /** `exhausted`: further candidates are not worth asking for. */
  readonly record: (response: string, attempt: Attempt, exhausted: boolean) => void;
}

/** Starts an empty log. */
export function createAttemptLog(): AttemptLog {
  const next = new Map<string, Map<string, Map<Aligner, number>>>();
  return {
    nextCandidate: (response, criterion, aligner) => next.get(response)?.get(criterion)?.get(aligner) ?? 0,
    record: (response, { criterion, aligner, candidate }, exhausted) => {
      const byCriterion = next.get(response) ?? new Map<string, Map<Aligner, number>>();
      const byAligner = byCriterion.get(criterion) ?? new Map<Aligner, number>();
      byAligner.set(aligner, exhausted ? Infinity : candidate + 1);
      next.set(response, byCriterion.set(criterion, byAligner));
    },
  };
}

/**
 * What to try next on `response`: the flagged criterion furthest over its threshold that has a rewrite left,
 * its aligners in order, their candidates in order; undefined when nothing is flagged or nothing is left.
 */
export function nextAttempt(
  response: string,
  inspection: Inspection,
  aligners: readonly Aligner[],
  log: AttemptLog,
): Attempt | undefined {
  for (const criterion of flaggedWorstFirst(inspection)) {
    for (const aligner of aligners) {
      if (!aligner.criteria.includes(criterion)) continue;
      const candidate = log.nextCandidate(response, criterion, aligner);
      if (candidate < aligner.abilities.maxCandidates) return { criterion, aligner, candidate };
    }
  }
  return undefined;
}
