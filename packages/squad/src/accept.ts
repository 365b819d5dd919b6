import type { Inspection, Verdict } from '@align-squad/core';
import type { Rejection } from './result.js';
import { hasFailed } from './verdicts.js';

/** Limits of the acceptance test, both in [0, 1]. */
export interface ResolvedAcceptance {
  readonly minImprovement: number;
  readonly maxRegression: number;
}

// 0.3 - 0.25 is a little under 0.05 in floating point
const slack = 1e-9;

/** Why a rewrite is not better than the text before it; undefined when it is and becomes the text. */
export function judgeRewrite(
  before: Inspection,
  after: Inspection,
  target: string,
  acceptance: ResolvedAcceptance,
): Rejection | undefined {
  if (hasFailed(after)) return 'inspector-failed';
  for (const [criterion, now] of Object.entries(after)) {
    const then = before[criterion];
    if (!then) continue;
    if (criterion === target) {
      if (now.status === 'unknown') return 'no-improvement';
      if (then.misalignment - now.misalignment < acceptance.minImprovement - slack) return 'no-improvement';
    } else if (gotWorse(then, now, acceptance.maxRegression)) {
      return 'regression';
    }
  }
  return undefined;
}

function gotWorse(then: Verdict, now: Verdict, maxRegression: number): boolean {
  if (now.status === 'unknown') return then.status !== 'unknown';
  if (now.status === 'flag' && then.status !== 'flag') return true;
  return then.status !== 'unknown' && now.misalignment - then.misalignment > maxRegression + slack;
}
