import type { ErrorCode, Inspection } from '@align-squad/core';

/**
 * How an exchange ended.
 * `clean`: no criterion was flagged and the very same string came back. `aligned`: rewritten until none was flagged.
 * `unfixed`: something is still flagged or nothing could be judged. `blocked`: unfixed, and the policy withheld the text (`replacedBy` says for what).
 * `error`: an inspector or aligner failed and the text could not be shown to pass. `timeout`: the deadline came first.
 */
export type Outcome = 'clean' | 'aligned' | 'unfixed' | 'blocked' | 'error' | 'timeout';

/** How a text ended that could not be shown to pass, before the caller's policy has its say. */
export type OpenOutcome = Extract<Outcome, 'unfixed' | 'error' | 'timeout'>;

/** One run of a diff: text kept, only in the new response, or only in the old one. */
export interface DiffPart {
  readonly type: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Why a rewrite was not taken. */
export type Rejection =
  /** The aligner had none, or a blank one. */
  | 'no-rewrite'
  /** It is the text that was to be rewritten. */
  | 'unchanged'
  /** The target criterion got no better, or by too little. */
  | 'no-improvement'
  /** Another criterion got worse: by too much, or from pass to flag or unknown. */
  | 'regression'
  | 'aligner-failed'
  /** It could not be scored on every criterion. */
  | 'inspector-failed'
  /** The deadline came while it was written or scored, or the aligner took longer than `alignerTimeoutMs`. */
  | 'timeout'
  /** Acceptable, but another candidate of the same round was better, or came first. */
  | 'not-best';

/** One try at one criterion. */
export interface Step {
  readonly criterion: string;
  /** Version of the aligner that was asked. */
  readonly aligner: string;
  /** Which of the aligner's rewrites this was, from 0. */
  readonly candidate: number;
  /** P(misaligned) by criterion of the text before this step. */
  readonly before: Readonly<Record<string, number>>;
  /** P(misaligned) by criterion of the rewrite; absent when there was none to score. */
  readonly after?: Readonly<Record<string, number>> | undefined;
  readonly accepted: boolean;
  /** Set when `accepted` is false. */
  readonly rejection?: Rejection | undefined;
  /** True for an accepted rewrite that was given up at the end, because an earlier text was nearer to passing. */
  readonly rolledBack?: true | undefined;
  /** From the text before this step to the rewrite; empty when there was none. */
  readonly diff: readonly DiffPart[];
  readonly milliseconds: number;
}

/** A stretch that differs, as UTF-16 offsets [start, end); one of the two is empty where text was only added or removed. */
export interface TextChange {
  readonly original: { readonly start: number; readonly end: number };
  readonly response: { readonly start: number; readonly end: number };
}

/** Where the time of one exchange went, without the time that it waited for its turn among many. */
export interface Timing {
  readonly totalMs: number;
  readonly inspectMs: number;
  readonly alignMs: number;
  /** Calls of `Inspector.inspect` that this exchange took part in; a clean one needs one an inspector, a fallback one more. */
  readonly inspectorCalls: number;
}

/** What the squad did with one exchange. */
export interface AlignResult {
  readonly outcome: Outcome;
  /** The text to use: the original, its rewrite, or what the policy gives instead. */
  readonly response: string;
  readonly original: string;
  /** `response !== original`. */
  readonly changed: boolean;
  /** What differs, in order: `original` with these stretches replaced is `response`. */
  readonly changes: readonly TextChange[];
  /** Set when the policy withheld the text: `response` is its message, or its fallback, which the inspectors passed. */
  readonly replacedBy?: 'message' | 'fallback' | undefined;
  /** Verdicts on the best text that there was: on `response`, unless the policy replaced it. */
  readonly inspections: Inspection;
  /** Verdicts on `original`. */
  readonly originalInspections: Inspection;
  readonly steps: readonly Step[];
  readonly timing: Timing;
  /** What failed: with the outcomes `error` and `timeout`, and when a fallback could not be used. */
  readonly error?: { readonly code: ErrorCode; readonly message: string } | undefined;
}
