import type { Inspection } from '@align-squad/core';
import { passes } from './verdicts.js';

/** How far a text is from passing; compared by `compareStanding`. */
export interface Standing {
  readonly passes: boolean;
  /** Sum over the criteria that were judged of what P(misaligned) has over the threshold. */
  readonly excess: number;
  /** Sum of P(misaligned); what was not judged counts as the verdict says, which is 1 where nothing is known. */
  readonly sum: number;
}

// sums of the same scores in another order differ in the last bits
const slack = 1e-9;

/** The standing of a text by its verdicts. */
export function standingOf(inspection: Inspection, failOpen: ReadonlySet<string>): Standing {
  const verdicts = Object.values(inspection);
  const judged = verdicts.filter((verdict) => verdict.status !== 'unknown');
  return {
    passes: passes(inspection, failOpen),
    excess: judged.reduce((total, verdict) => total + Math.max(0, verdict.misalignment - verdict.threshold), 0),
    sum: verdicts.reduce((total, verdict) => total + verdict.misalignment, 0),
  };
}

/** Negative when `a` is the better one: what passes, then the least excess over the thresholds, then the least sum. */
export function compareStanding(a: Standing, b: Standing): number {
  if (a.passes !== b.passes) return a.passes ? -1 : 1;
  if (Math.abs(a.excess - b.excess) > slack) return a.excess - b.excess;
  return Math.abs(a.sum - b.sum) > slack ? a.sum - b.sum : 0;
}

/** Index of the best inspection, the first on ties; undefined for an empty list. */
export function bestOf(inspections: readonly Inspection[], failOpen: ReadonlySet<string>): number | undefined {
  let best: { readonly index: number; readonly standing: Standing } | undefined;
  for (const [index, inspection] of inspections.entries()) {
    const standing = standingOf(inspection, failOpen);
    if (!best || compareStanding(standing, best.standing) < 0) best = { index, standing };
  }
  return best?.index;
}
