import type { Inspection } from '@align-squad/core';
import { judgeRewrite } from './accept.js';
import { toStep, type Asked, type Scored } from './ask-aligner.js';
import { createAttemptLog } from './attempts.js';
import { bestOf, compareStanding, standingOf } from './best-state.js';
import { scoreTexts, type Draft, type Run } from './draft.js';
import { gatherRewrites } from './gather-rewrites.js';
import { hasFailed } from './verdicts.js';

/** A text that the draft had, and how many steps led to it. */
interface State {
  readonly response: string;
  readonly inspection: Inspection;
  readonly steps: number;
}

/**
 * Rewrites one draft, furthest over its threshold first, and takes only rewrites that the inspectors find better.
 * Ends when nothing is flagged, nothing is left to try, or the attempts or the deadline are used up; the draft is
 * left with the best text that it had.
 */
export async function alignVerified(run: Run, draft: Draft): Promise<void> {
  // where an inspector failed, no rewrite could be verified on all criteria
  if (hasFailed(draft.inspection, run.options.failOpen)) return;
  const log = createAttemptLog();
  let best = stateOf(draft);
  while (log.count() < run.options.maxAttempts) {
    const asked = await gatherRewrites(run, draft, log);
    if (asked.length === 0) break;
    await takeBest(run, draft, asked);
    best = betterOf(run, best, stateOf(draft));
  }
  rollBack(draft, best);
}

/** Scores the rewrites of a round in one batch, records them, and makes the best acceptable one the draft's text. */
async function takeBest(run: Run, draft: Draft, asked: readonly Asked[]): Promise<void> {
  const rewrites = asked.flatMap((one) => ('rewrite' in one ? [one] : []));
  const startedMs = run.now();
  const inspections = await scoreTexts(
    run,
    rewrites.map(({ rewrite }) => ({ draft, response: rewrite })),
  );
  const milliseconds = run.now() - startedMs;
  const judged = rewrites.map((one, index) => {
    const after = inspections[index] ?? {};
    return { one, after, rejection: judge(run, draft, one.attempt.criterion, after) };
  });
  const acceptable = judged.filter(({ rejection }) => rejection === undefined);
  const afters = acceptable.map(({ after }) => after);
  const winner = acceptable[bestOf(afters, run.options.failOpen) ?? -1];
  for (const one of asked) {
    const own = judged.find((candidate) => candidate.one === one);
    const rejection = own?.rejection ?? (own === winner ? undefined : 'not-best');
    draft.steps.push(toStep(draft, one, own && { after: own.after, rejection, milliseconds }));
  }
  if (!winner) return;
  draft.response = winner.one.rewrite;
  draft.inspection = winner.after;
}

function judge(run: Run, draft: Draft, target: string, after: Inspection): Scored['rejection'] {
  const { acceptance, failOpen } = run.options;
  const rejection = judgeRewrite(draft.inspection, after, { target, acceptance, failOpen });
  return rejection === 'inspector-failed' && draft.timeout !== undefined ? 'timeout' : rejection;
}

function stateOf({ response, inspection, steps }: Draft): State {
  return { response, inspection, steps: steps.length };
}

function betterOf(run: Run, best: State, next: State): State {
  const { failOpen } = run.options;
  const change = compareStanding(standingOf(next.inspection, failOpen), standingOf(best.inspection, failOpen));
  return change < 0 ? next : best;
}

/** Single steps may each harm a little within the tolerance, so the last text need not be the best one. */
function rollBack(draft: Draft, best: State): void {
  if (draft.response === best.response) return;
  draft.response = best.response;
  draft.inspection = best.inspection;
  for (const [index, step] of draft.steps.entries()) {
    if (index >= best.steps && step.accepted) draft.steps[index] = { ...step, rolledBack: true };
  }
}
