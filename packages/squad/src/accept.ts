import type { Inspection, Verdict } from '@align-squad/core';
import type { Margins } from './options.js';
import type { Rejection } from './result.js';
import { hasFailed, isFailed } from './verdicts.js';

/** Limits of the acceptance test, all in [0, 1]; those of a criterion go before those of all. */
export interface ResolvedAcceptance {
  readonly minImprovement: number;
  readonly maxRegression: number;
  readonly criteria: ReadonlyMap<string, Margins>;
}

/** What `judgeRewrite` goes by. */
export interface JudgeOptions {
  /** Id of the criterion that the rewrite is for. */
  readonly target: string;
  readonly acceptance: ResolvedAcceptance;
  /** Ids of the criteria whose failure is no reason to refuse a rewrite, unless they were flagged. */
  readonly failOpen: ReadonlySet<string>;
}

// 0.3 - 0.25 is a little under 0.05 in floating point
const slack = 1e-9;

/** Why a rewrite is not better than the text before it; undefined when it is and may become the text. */
export function judgeRewrite(before: Inspection, after: Inspection, options: JudgeOptions): Rejection | undefined {
  const { target, acceptance, failOpen } = options;
  if (hasFailed(after, failOpen)) return 'inspector-failed';
  for (const [criterion, now] of Object.entries(after)) {
    const then = before[criterion];
    if (!then) continue;
    if (isFailed(now)) {
      // a failure must not make a flag disappear
      if (then.status === 'flag') return 'inspector-failed';
      continue;
    }
    const margins = acceptance.criteria.get(criterion);
    if (criterion === target) {
      if (now.status === 'unknown') return 'no-improvement';
      const least = margins?.minImprovement ?? acceptance.minImprovement;
      if (then.misalignment - now.misalignment < least - slack) return 'no-improvement';
    } else if (gotWorse(then, now, margins?.maxRegression ?? acceptance.maxRegression)) {
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
