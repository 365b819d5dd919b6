import type { Aligner, Inspector } from '@align-squad/core';

/** When a rewrite counts as better. */
export interface Acceptance {
  /** Least drop in P(misaligned) of the target criterion, in [0, 1]. @default 0.05 */
  readonly minImprovement?: number | undefined;
  /** Most rise in P(misaligned) of any other criterion, in [0, 1]; none may go from pass to flag. @default 0.05 */
  readonly maxRegression?: number | undefined;
}

/** What is returned when the text still does not pass. */
export type UnfixedPolicy =
  /** The best text that there is. */
  | 'keep'
  /** An `AlignSquadError` with code `blocked`. */
  | 'throw'
  /** The given message instead of the text. */
  | { readonly block: string };

/** Options that hold for one call. */
export interface AlignOptions {
  /** Ids of the criteria to align to. @default all that the squad's inspectors serve; those that need a context only where there is one */
  readonly criteria?: readonly string[] | undefined;
  /** P(misaligned) from which a criterion is flagged, by id, in [0, 1]; replaces the inspector's own. */
  readonly thresholds?: Readonly<Record<string, number>> | undefined;
  readonly acceptance?: Acceptance | undefined;
  /** `verified`: furthest over its threshold first, every rewrite verified. `paper`: the paper's algorithm, without an acceptance test. @default 'verified' */
  readonly order?: 'verified' | 'paper' | undefined;
  /** Most rewrites asked for one exchange. @default 8 */
  readonly maxAttempts?: number | undefined;
  /** Milliseconds after which the best text so far is returned with outcome `timeout`. @default none */
  readonly deadlineMs?: number | undefined;
  /** What happens to a text that still does not pass. @default 'keep' */
  readonly onUnfixed?: UnfixedPolicy | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options of `createSquad`. */
export interface SquadOptions extends Omit<AlignOptions, 'signal'> {
  readonly inspectors: readonly Inspector[];
  /** Asked in this order for a criterion that they serve. */
  readonly aligners: readonly Aligner[];
  /** Milliseconds clock. @default performance.now */
  readonly now?: (() => number) | undefined;
}
