import type { Inspection, Verdict } from '@align-squad/core';

/** A verdict without its sentence scores. */
export type VerdictSummary = Omit<Verdict, 'spans'>;

/** The verdicts as the command line writes them in JSON: by criterion, without sentence scores. */
export function summarizeInspection(inspection: Inspection): Record<string, VerdictSummary> {
  return Object.fromEntries(
    Object.entries(inspection).map(([id, { status, misalignment, threshold, reason }]) => [
      id,
      reason === undefined ? { status, misalignment, threshold } : { status, misalignment, threshold, reason },
    ]),
  );
}
