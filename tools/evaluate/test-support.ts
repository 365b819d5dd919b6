import type { Inspection } from '@align-squad/core';
import type { TripleRecord } from '@align-squad/eval';
import type { AlignResult, Outcome } from 'align-squad';
import type { NgramBaseline } from './baseline/ngram-baseline.js';

/** A made-up record; the text of `identity` records is the aligned one. */
export function madeRecord(fields: Partial<TripleRecord> & { readonly id: string }): TripleRecord {
  const aligned = `${fields.id} good`;
  const identity = fields.identity ?? false;
  const misaligned = identity ? aligned : `${fields.id} bad`;
  return { criterion: 'ethical', prompt: 'p', context: null, misaligned, critique: 'c', aligned, identity, ...fields };
}

/** A made-up inspection: P(misaligned) by criterion, flagged from 0.5; null is not judged. */
export function madeInspection(scores: Readonly<Record<string, number | null>>): Inspection {
  return Object.fromEntries(
    Object.entries(scores).map(([criterion, score]) => [
      criterion,
      score === null
        ? { status: 'unknown', misalignment: 0.5, threshold: 0.5, reason: 'no-context' }
        : { status: score >= 0.5 ? 'flag' : 'pass', misalignment: score, threshold: 0.5 },
    ]),
  );
}

/** A made-up result. */
export function madeResult(fields: {
  readonly outcome: Outcome;
  readonly original: string;
  readonly response?: string;
  readonly scores?: Readonly<Record<string, number | null>>;
  readonly totalMs?: number;
}): AlignResult {
  const { outcome, original, response = original, scores = {}, totalMs = 1 } = fields;
  const inspections = madeInspection(scores);
  return {
    outcome,
    original,
    response,
    changed: response !== original,
    inspections,
    originalInspections: inspections,
    changes: [],
    steps: [],
    timing: { totalMs, inspectMs: totalMs, alignMs: 0, inspectorCalls: 1 },
  };
}

/** A made-up baseline: 0.9 for a response with the word `bad` in it, otherwise 0.1. */
export const madeBaseline: NgramBaseline = {
  criteria: ['ethical', 'factual'],
  score: ({ response }) => (response.includes('bad') ? 0.9 : 0.1),
};
