import { judgeRewrite } from './accept.js';
import { askAligner, recordStep, type Asked } from './ask-aligner.js';
import { createAttemptLog, nextAttempt, type Attempt } from './attempts.js';
import { noteTimeout, scoreTexts, type Draft, type Run } from './draft.js';
import { hasFailed } from './verdicts.js';

/**
 * Rewrites one draft, furthest over its threshold first, and takes only rewrites that the inspectors find better.
 * Ends when nothing is flagged, nothing is left to try, or the attempts or the deadline are used up.
 */
export async function alignVerified(run: Run, draft: Draft): Promise<void> {
  // where an inspector failed, no rewrite could be verified on all criteria
  if (hasFailed(draft.inspection)) return;
  const log = createAttemptLog();
  while (draft.steps.length < run.options.maxAttempts) {
    const attempt = nextAttempt(draft.response, draft.inspection, run.aligners, log);
    if (!attempt) return;
    if (run.scope.expired()) return noteTimeout(run, draft);
    const response = draft.response;
    const asked = await tryRewrite(run, draft, attempt);
    log.record(response, attempt, isExhausted(asked));
  }
}

async function tryRewrite(run: Run, draft: Draft, attempt: Attempt): Promise<Asked> {
  const asked = refuseBlank(draft.response, await askAligner(run, draft, attempt));
  if ('rejection' in asked) {
    recordStep(run, draft, asked);
    return asked;
  }
  const [after = {}] = await scoreTexts(run, [{ draft, response: asked.rewrite }]);
  const rejection = judgeRewrite(draft.inspection, after, attempt.criterion, run.options.acceptance);
  const late = rejection === 'inspector-failed' && draft.timeout !== undefined;
  recordStep(run, draft, asked, { after, rejection: late ? 'timeout' : rejection });
  return asked;
}

/** An empty answer may well be free of faults, but it answers nothing. */
function refuseBlank(response: string, asked: Asked): Asked {
  if (!('rewrite' in asked) || asked.rewrite.trim() !== '' || response.trim() === '') return asked;
  return { attempt: asked.attempt, startedMs: asked.startedMs, rejection: 'no-rewrite' };
}

/** An aligner that has no rewrite has no further one, and a broken one is left alone: retrying is a wrapper's work. */
function isExhausted(asked: Asked): boolean {
  return 'rejection' in asked && (asked.rejection === 'no-rewrite' || asked.rejection === 'aligner-failed');
}
