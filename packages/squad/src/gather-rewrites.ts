import { askAligner, type Asked } from './ask-aligner.js';
import { nextAttempts, type Attempt, type AttemptLog } from './attempts.js';
import { noteTimeout, type Draft, type Run } from './draft.js';
import { flaggedWorstFirst } from './verdicts.js';

/**
 * Asks for the rewrites of one round: as many for one criterion as there may be candidates, of the first aligners that
 * have them. Holds every try, also those that brought none; empty when nothing is left to try.
 */
export async function gatherRewrites(run: Run, draft: Draft, log: AttemptLog): Promise<Asked[]> {
  const { candidates, maxAttempts, attemptsPerAligner } = run.options;
  const gathered: Asked[] = [];
  let criteria = flaggedWorstFirst(draft.inspection);
  for (;;) {
    const missing = candidates - gathered.filter((asked) => 'rewrite' in asked).length;
    const wanted = Math.min(missing, maxAttempts - log.count());
    const attempts = nextAttempts(draft.response, { criteria, aligners: run.aligners, log, wanted, attemptsPerAligner });
    if (attempts.length === 0) return gathered;
    if (run.scope.expired()) {
      noteTimeout(run, draft);
      return gathered;
    }
    gathered.push(...(await askAtOnce(run, draft, attempts, log)));
    criteria = attempts.slice(0, 1).map(({ criterion }) => criterion);
  }
}

async function askAtOnce(run: Run, draft: Draft, attempts: readonly Attempt[], log: AttemptLog): Promise<Asked[]> {
  const startedMs = run.now();
  const answers = await Promise.all(attempts.map((attempt) => askAligner(run, draft, attempt)));
  draft.timing = { ...draft.timing, alignMs: draft.timing.alignMs + run.now() - startedMs };
  const asked = answers.map((answer) => refuseBlank(draft.response, answer));
  const exhausted = asked.some(isExhausted);
  for (const attempt of attempts) log.record(draft.response, attempt, exhausted);
  return asked;
}

/** An empty answer may well be free of faults, but it answers nothing. */
function refuseBlank(response: string, asked: Asked): Asked {
  const mayBeBlank = response.trim() === '' || asked.attempt.aligner.abilities.mayLeaveOut === true;
  if (!('rewrite' in asked) || asked.rewrite.trim() !== '' || mayBeBlank) return asked;
  return { attempt: asked.attempt, milliseconds: asked.milliseconds, rejection: 'no-rewrite' };
}

/** An aligner that has no rewrite has no further one, and a broken one is left alone: retrying is a wrapper's work. */
function isExhausted(asked: Asked): boolean {
  return 'rejection' in asked && asked.rejection !== 'unchanged';
}
