import {
  AlignSquadError,
  collectCorrection,
  toAlignSquadError,
  type AlignEvent,
  type Aligner,
  type AlignRequest,
  type Correction,
  type Inspection,
} from '@align-squad/core';
import type { Attempt } from './attempts.js';
import { withCallScope, type CallScope } from './call-scope.js';
import { diffTexts } from './diff-texts.js';
import { noteFailure, type Draft, type Run } from './draft.js';
import type { Rejection, Step } from './result.js';
import { scoresOf } from './verdicts.js';

interface AskedTimes {
  readonly attempt: Attempt;
  readonly milliseconds: number;
}

/** What came of asking an aligner: a rewrite, or why there is none to score. */
export type Asked = AskedTimes & ({ readonly rewrite: string } | { readonly rejection: Rejection });

/** Asks for one rewrite of the draft's text; only the caller's abort rejects. */
export async function askAligner(run: Run, draft: Draft, attempt: Attempt): Promise<Asked> {
  const { aligner, criterion, candidate } = attempt;
  const startedMs = run.now();
  const finish = <T extends object>(value: T): T & AskedTimes => ({
    attempt,
    milliseconds: run.now() - startedMs,
    ...value,
  });
  const exchange = { ...draft.exchange, response: draft.response };
  try {
    const correction = await requestRewrite(run, aligner, {
      exchange,
      criterion,
      candidate,
      verdict: draft.inspection[criterion],
    });
    if (correction.outcome === 'none') return finish({ rejection: 'no-rewrite' });
    if (correction.response === draft.response) return finish({ rejection: 'unchanged' });
    return finish({ rewrite: correction.response });
  } catch (error) {
    run.scope.throwIfAborted();
    const failure = toAlignSquadError(error, `An aligner failed on \`${criterion}\`.`, 'aligner-failed');
    noteFailure(run, draft, failure);
    return finish({ rejection: failure.code === 'deadline-exceeded' ? 'timeout' : 'aligner-failed' });
  }
}

/** One rewrite, within the time limit of a rewrite and that of the call. */
function requestRewrite(run: Run, aligner: Aligner, request: AlignRequest): Promise<Correction> {
  const { now, options, scope: call } = run;
  const limits = { deadlineMs: options.alignerTimeoutMs, now, limit: "aligner's time limit" };
  return call.race((callSignal) =>
    withCallScope({ ...limits, signal: callSignal }, (own) => {
      const align = (...values: Parameters<Aligner['align']>): AsyncIterable<AlignEvent> =>
        checkEvents(aligner.align(...values), [call, own]);
      return own.race((signal) => collectCorrection({ ...aligner, align }, request, { signal }));
    }),
  );
}

async function* checkEvents(events: AsyncIterable<AlignEvent>, scopes: readonly CallScope[]): AsyncGenerator<AlignEvent> {
  for await (const event of events) {
    // what is no string would become one when it is joined, as in "undefined"
    const isText = event.type === 'text' && typeof event.text === 'string';
    if (!isText && !(event.type === 'end' && ['rewritten', 'none'].includes(event.outcome))) {
      throw new AlignSquadError('The aligner gave an event that its contract does not know.', { code: 'aligner-failed' });
    }
    // a stream that never waits keeps timers from firing
    for (const scope of scopes) scope.expired();
    yield event;
  }
}

/** How a rewrite did; `rejection` is undefined when it was accepted. */
export interface Scored {
  readonly after: Inspection;
  readonly rejection: Rejection | undefined;
  /** What its inspection took. */
  readonly milliseconds: number;
}

/** A try as the result tells of it; the draft is as it was before the try. */
export function toStep(draft: Draft, asked: Asked, scored?: Scored): Step {
  const rejection = 'rejection' in asked ? asked.rejection : scored?.rejection;
  return {
    criterion: asked.attempt.criterion,
    aligner: asked.attempt.aligner.version,
    candidate: asked.attempt.candidate,
    before: scoresOf(draft.inspection),
    ...(scored && { after: scoresOf(scored.after) }),
    accepted: rejection === undefined,
    ...(rejection && { rejection }),
    diff: 'rewrite' in asked ? diffTexts(draft.response, asked.rewrite) : [],
    milliseconds: asked.milliseconds + (scored?.milliseconds ?? 0),
  };
}
