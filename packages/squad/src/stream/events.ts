import type { ErrorCode, Inspection, TextSpan } from '@align-squad/core';
import type { AlignResult, Outcome, Step } from '../result.js';

/** A step without the text that it was about. */
export type StreamStep = Omit<Step, 'diff'>;

/** What was found in one window; comes before its text. */
export interface VerdictEvent {
  readonly type: 'verdict';
  /** Place of the window in the source, as UTF-16 offsets [start, end). */
  readonly window: TextSpan;
  readonly outcome: Outcome;
  /** Verdicts on the window as the source gave it; their spans count from its start. */
  readonly inspection: Inspection;
  readonly milliseconds: number;
}

/** What is released in place of a text. Holds nothing of the text that it replaces, so that it can go to clients. */
export interface CorrectionEvent {
  readonly type: 'correction';
  /** Place of the window in the source; undefined when the whole answer is corrected, after its text was released. */
  readonly window?: TextSpan | undefined;
  /** Ids of the criteria that the text was flagged by or could not be judged under. */
  readonly criteria: readonly string[];
  /** The replacement: a rewrite, or what the policy gives. Of a window, it also comes as `text`. */
  readonly response: string;
  readonly steps: readonly StreamStep[];
}

/** What `alignStream` gives. Of these `text`, `verdict`, `correction` and `error` can go to clients; `end` holds the original. */
export type StreamEvent =
  /** Text that passed, or that the policy gives for what did not. */
  | { readonly type: 'text'; readonly text: string }
  | VerdictEvent
  | CorrectionEvent
  /** The source failed; what it gave of an unfinished sentence is dropped, and `end` follows. */
  | { readonly type: 'error'; readonly error: { readonly code: ErrorCode; readonly message: string } }
  | StreamEnd;

/** The last event. */
export interface StreamEnd {
  readonly type: 'end';
  /**
   * As `align` gives it, for the whole answer. `response` is the released text, or the correction of the whole answer.
   * `blocked`: windows were withheld, and what was released passes. After several windows `originalInspections` holds
   * the worst verdict of a window by criterion, and so does `inspections` where the whole answer was not judged.
   */
  readonly result: AlignResult;
  /** All `text` events, joined. */
  readonly released: string;
}
