import { AlignSquadError } from '@align-squad/core';
import type { Draft } from './draft.js';
import type { UnfixedPolicy } from './options.js';
import type { AlignResult, Outcome } from './result.js';
import { flaggedWorstFirst, passes } from './verdicts.js';

/** How a draft ended, before the caller's policy has its say. */
export function outcomeOf(draft: Draft): Exclude<Outcome, 'blocked'> {
  if (passes(draft.inspection)) return draft.response === draft.exchange.response ? 'clean' : 'aligned';
  if (draft.timeout) return 'timeout';
  return draft.failure ? 'error' : 'unfixed';
}

/**
 * The result of a draft under the caller's policy.
 * @throws AlignSquadError `blocked` when the policy is `throw` and the text could not be shown to pass.
 */
export function finishDraft(draft: Draft, policy: UnfixedPolicy): AlignResult {
  const outcome = outcomeOf(draft);
  const error = outcome === 'timeout' ? draft.timeout : outcome === 'error' ? draft.failure : undefined;
  const open = outcome !== 'clean' && outcome !== 'aligned';
  if (open && policy === 'throw') throw blockedError(draft, outcome, error);
  const blocked = open && typeof policy === 'object';
  const response = blocked ? policy.block : draft.response;
  return {
    outcome: blocked && outcome === 'unfixed' ? 'blocked' : outcome,
    response,
    original: draft.exchange.response,
    changed: response !== draft.exchange.response,
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
