import { AlignSquadError } from '@align-squad/core';
import type { Draft, Run } from './draft.js';
import { runFallback } from './fallback.js';
import type { UnfixedPolicy } from './options.js';
import type { AlignResult, OpenOutcome, Outcome } from './result.js';
import { textChanges } from './text-changes.js';
import { flaggedWorstFirst, passes } from './verdicts.js';

/** How a draft ended, before the caller's policy has its say. */
export function outcomeOf(draft: Draft, failOpen: ReadonlySet<string>): Exclude<Outcome, 'blocked'> {
  if (passes(draft.inspection, failOpen)) return draft.response === draft.exchange.response ? 'clean' : 'aligned';
  if (draft.timeout) return 'timeout';
  return draft.failure ? 'error' : 'unfixed';
}

/** What takes the place of a text, and what went wrong on the way. */
export interface Replacement {
  readonly response: string;
  readonly by: NonNullable<AlignResult['replacedBy']>;
  readonly failure?: AlignSquadError | undefined;
}

/**
 * The result of a draft under the caller's policy.
 * Rejects with `blocked` when the policy is `throw` and the text could not be shown to pass, or with the signal's reason.
 */
export async function finishDraft(run: Run, draft: Draft): Promise<AlignResult> {
  const outcome = outcomeOf(draft, run.options.failOpen);
  if (outcome === 'clean' || outcome === 'aligned') return toResult(draft, outcome, {});
  const cause = outcome === 'timeout' ? draft.timeout : outcome === 'error' ? draft.failure : undefined;
  const { onUnfixed, onError = onUnfixed } = run.options;
  const policy = outcome !== 'unfixed' ? onError : isAdvised(run, draft) ? 'keep' : onUnfixed;
  if (policy === 'throw') throw blockedError(draft, outcome, cause);
  const startedMs = run.now();
  const replacement = policy === 'keep' ? undefined : await replace(run, draft, policy, outcome);
  draft.timing = { ...draft.timing, totalMs: draft.timing.totalMs + run.now() - startedMs };
  const shown = replacement && outcome === 'unfixed' ? 'blocked' : outcome;
  return toResult(draft, shown, { replacement, error: cause ?? replacement?.failure });
}

/** Whether nothing but advisory criteria flags the text. */
function isAdvised({ options: { advisory } }: Run, { inspection }: Draft): boolean {
  const flagged = flaggedWorstFirst(inspection);
  return flagged.length > 0 && flagged.every((criterion) => advisory.has(criterion));
}

async function replace(
  run: Run,
  draft: Draft,
  policy: Exclude<UnfixedPolicy, string>,
  outcome: OpenOutcome,
): Promise<Replacement> {
  if ('fallback' in policy) return runFallback(run, { draft, policy, outcome });
  return { response: policy.block, by: 'message' };
}

function toResult(
  draft: Draft,
  outcome: Outcome,
  { replacement, error }: { replacement?: Replacement | undefined; error?: AlignSquadError | undefined },
): AlignResult {
  const original = draft.exchange.response;
  const response = replacement?.response ?? draft.response;
  return {
    outcome,
    response,
    original,
    changed: response !== original,
    changes: textChanges(original, response),
    ...(replacement && { replacedBy: replacement.by }),
    inspections: draft.inspection,
    originalInspections: draft.originalInspection,
    steps: draft.steps,
    timing: draft.timing,
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}

function blockedError(draft: Draft, outcome: Outcome, cause: AlignSquadError | undefined): AlignSquadError {
  const flagged = flaggedWorstFirst(draft.inspection);
  const on = flagged.length > 0 ? ` on ${flagged.join(', ')}` : '';
  return new AlignSquadError(`The response could not be shown to pass: ${outcome}${on}.`, { code: 'blocked', cause });
}
