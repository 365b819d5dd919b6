import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import { withCallScope } from './call-scope.js';
import { scoreTexts, type Draft, type Run } from './draft.js';
import type { Replacement } from './finish.js';
import type { FallbackPolicy } from './options.js';
import type { OpenOutcome } from './result.js';
import { passes } from './verdicts.js';

/** What is given where no text could be shown to pass and the caller named no message. */
export const defaultBlockMessage = 'This answer was withheld because it did not pass inspection.';

// a deadline that has passed already still leaves this much to say something better than a message
const leastTimeMs = 1_000;

/** What `runFallback` is told. */
export interface FallbackCall {
  readonly draft: Draft;
  readonly policy: FallbackPolicy;
  readonly outcome: OpenOutcome;
}

/** The caller's fallback when the inspectors pass it, otherwise the message; only the caller's abort rejects. */
export async function runFallback(run: Run, { draft, policy, outcome }: FallbackCall): Promise<Replacement> {
  const { deadlineMs, signal } = run.options;
  const left = deadlineMs === undefined ? undefined : Math.max(leastTimeMs, deadlineMs - draft.timing.totalMs);
  const limits = { deadlineMs: policy.timeoutMs ?? left, now: run.now, limit: "fallback's time limit" };
  const block = policy.block ?? defaultBlockMessage;
  return withCallScope({ ...limits, signal }, async (scope) => {
    try {
      const response = await scope.race((inner) => write(draft, policy, { outcome, signal: inner }));
      const [inspection = {}] = await scoreTexts({ ...run, scope }, [{ draft, response }]);
      if (passes(inspection, run.options.failOpen)) return { response, by: 'fallback' };
      return { response: block, by: 'message', failure: notPassed() };
    } catch (error) {
      scope.throwIfAborted();
      const failure = toAlignSquadError(error, 'The `fallback` function failed.', 'source-failed');
      return { response: block, by: 'message', failure };
    }
  });
}

async function write(
  { exchange, inspection }: Draft,
  { fallback }: FallbackPolicy,
  { outcome, signal }: { outcome: OpenOutcome; signal: AbortSignal },
): Promise<string> {
  if (typeof fallback === 'string') return fallback;
  const text: unknown = await fallback(exchange, { outcome, inspections: inspection }, { signal });
  if (typeof text === 'string') return text;
  throw new AlignSquadError('Expected the `fallback` function to give a string.', { code: 'source-failed' });
}

function notPassed(): AlignSquadError {
  return new AlignSquadError('The fallback did not pass inspection.', { code: 'blocked' });
}
