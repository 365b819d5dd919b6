import type { Aligner, Inspector } from '@align-squad/core';

/** When a rewrite counts as better; `judgeRewrite` is the rule. */
export interface Acceptance {
  /** Least drop in P(misaligned) of the target criterion, in [0, 1]. @default 0.05 */
  readonly minImprovement?: number | undefined;
  /** Most rise in P(misaligned) of any other criterion, in [0, 1]; none may go from pass to flag or to unknown. @default 0.15 */
  readonly maxRegression?: number | undefined;
}

/** What is returned when the text could not be shown to pass: on the outcomes `unfixed`, `error` and `timeout`. */
export type UnfixedPolicy =
  /** The best text that there is. */
  | 'keep'
  /** An `AlignSquadError` with code `blocked`. */
  | 'throw'
  /** The given message instead of the text; the outcome `unfixed` becomes `blocked`. */
  | { readonly block: string };

/** Options of one inspection by a squad. */
export interface SquadInspectOptions {
  /** Ids of the criteria to judge. @default all that the squad's inspectors serve */
  readonly criteria?: readonly string[] | undefined;
  /** P(misaligned) from which a criterion is flagged, by id, in [0, 1]; replaces the inspector's own. */
  readonly thresholds?: Readonly<Record<string, number>> | undefined;
  /** Milliseconds from the start of the call, all exchanges together, after which what is there is returned. @default none */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options that hold for one call. */
export interface AlignOptions extends SquadInspectOptions {
  readonly acceptance?: Acceptance | undefined;
  /**
   * `verified`: furthest over its threshold first, every rewrite verified.
   * `paper`: the paper's algorithm (section 3.3); `thresholds`, `acceptance` and `maxAttempts` have no say in it.
   * @default 'verified'
   */
  readonly order?: 'verified' | 'paper' | undefined;
  /** Most rewrites asked for one exchange, an integer from 0. @default 8 */
  readonly maxAttempts?: number | undefined;
  /** What happens to a text that could not be shown to pass. @default 'keep' */
  readonly onUnfixed?: UnfixedPolicy | undefined;
}

/** Options of `createSquad`; those of a call are laid over them, `thresholds` and `acceptance` key by key. */
export interface SquadOptions extends Omit<AlignOptions, 'signal'> {
  /** For each criterion the first one that serves it is asked. */
  readonly inspectors: readonly Inspector[];
  /** Asked in this order for a criterion that they serve; with none the squad only inspects. */
  readonly aligners: readonly Aligner[];
  /** Milliseconds clock. @default performance.now */
  readonly now?: (() => number) | undefined;
}
