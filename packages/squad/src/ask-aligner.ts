import { collectCorrection, toAlignSquadError, type Inspection } from '@align-squad/core';
import type { Attempt } from './attempts.js';
import { diffTexts } from './diff-texts.js';
import { noteFailure, type Draft, type Run } from './draft.js';
import type { Rejection } from './result.js';
import { scoresOf } from './verdicts.js';

/** What came of asking an aligner: a rewrite, or why there is none to score. */
export type Asked =
  | { readonly attempt: Attempt; readonly rewrite: string; readonly startedMs: number }
  | { readonly attempt: Attempt; readonly rejection: Rejection; readonly startedMs: number };

/** Asks for one rewrite of the draft's text; only the caller's abort rejects. */
export async function askAligner(run: Run, draft: Draft, attempt: Attempt): Promise<Asked> {
  const { aligner, criterion, candidate } = attempt;
  const startedMs = run.now();
  const exchange = { ...draft.exchange, response: draft.response };
  try {
    const request = { exchange, criterion, candidate, verdict: draft.inspection[criterion] };
    const correction = await run.scope.race((signal) => collectCorrection(aligner, request, { signal }));
    if (correction.outcome === 'none') return { attempt, startedMs, rejection: 'no-rewrite' };
    if (correction.response === draft.response) return { attempt, startedMs, rejection: 'unchanged' };
    return { attempt, startedMs, rewrite: correction.response };
  } catch (error) {
    run.scope.throwIfAborted();
    noteFailure(run, draft, toAlignSquadError(error, `An aligner failed on \`${criterion}\`.`, 'aligner-failed'));
    return { attempt, startedMs, rejection: error === run.scope.signal.reason ? 'timeout' : 'aligner-failed' };
  } finally {
    draft.timing = { ...draft.timing, alignMs: draft.timing.alignMs + run.now() - startedMs };
  }
}

/** How a rewrite did; `rejection` is undefined when it was accepted. */
export interface Scored {
  readonly after: Inspection;
  readonly rejection: Rejection | undefined;
}

/** Records a try and, where its rewrite was accepted, makes it the draft's text. */
export function recordStep(run: Run, draft: Draft, asked: Asked, scored?: Scored): void {
  const rewrite = 'rewrite' in asked ? asked.rewrite : undefined;
  const rejection = 'rejection' in asked ? asked.rejection : scored?.rejection;
  draft.steps.push({
    criterion: asked.attempt.criterion,
    aligner: asked.attempt.aligner.version,
    candidate: asked.attempt.candidate,
    before: scoresOf(draft.inspection),
    ...(scored && { after: scoresOf(scored.after) }),
    accepted: rejection === undefined,
    ...(rejection && { rejection }),
    diff: rewrite === undefined ? [] : diffTexts(draft.response, rewrite),
    milliseconds: run.now() - asked.startedMs,
  });
  if (rejection !== undefined || rewrite === undefined || !scored) return;
  draft.response = rewrite;
  draft.inspection = scored.after;
}
