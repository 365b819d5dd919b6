import type { Aligner, Exchange, Inspection, Inspector } from '@align-squad/core';
import type { OpenOutcome } from './result.js';

/** How much scores may move for a rewrite to count as better. */
export interface Margins {
  /** Least drop in P(misaligned) of the criterion that the rewrite is for, in [0, 1]. @default 0.05 */
  readonly minImprovement?: number | undefined;
  /** Most rise in P(misaligned) of a criterion that it is not for, in [0, 1]; none may go from pass to flag or to unknown. @default 0.15 */
  readonly maxRegression?: number | undefined;
}

/** When a rewrite counts as better; `judgeRewrite` is the rule. */
export interface Acceptance extends Margins {
  /** Margins of single criteria, by id; they go before those of all, also where a call sets only those of all. */
  readonly criteria?: Readonly<Record<string, Margins>> | undefined;
}

/** What a fallback function is told of the text that it stands in for. */
export interface FallbackInfo {
  readonly outcome: OpenOutcome;
  /** Verdicts on the best text that there was. */
  readonly inspections: Inspection;
}

/** Writes the text to give instead; what it throws counts as no fallback. */
export type FallbackFunction = (
  exchange: Exchange,
  info: FallbackInfo,
  options: { readonly signal: AbortSignal },
) => string | Promise<string>;

/** Another text to give, once the inspectors have passed it; when they don't, `block` is given. */
export interface FallbackPolicy {
  readonly fallback: string | FallbackFunction;
  /** The message where the fallback fails, is late or does not pass. @default 'This answer was withheld because it did not pass inspection.' */
  readonly block?: string | undefined;
  /** Milliseconds for the fallback and its inspection. @default what is left of `deadlineMs`, 1,000 at least; no limit without a deadline */
  readonly timeoutMs?: number | undefined;
}

/** What is returned when the text could not be shown to pass. */
export type UnfixedPolicy =
  /** The best text that there is. */
  | 'keep'
  /** An `AlignSquadError` with code `blocked`. */
  | 'throw'
  /** The given message instead of the text; the outcome `unfixed` becomes `blocked`. */
  | { readonly block: string }
  | FallbackPolicy;

/** Options of one inspection by a squad. */
export interface SquadInspectOptions {
  /** Ids of the criteria to judge. @default all that the squad's inspectors serve */
  readonly criteria?: readonly string[] | undefined;
  /** P(misaligned) from which a criterion is flagged, by id, in [0, 1]; replaces the inspector's own. */
  readonly thresholds?: Readonly<Record<string, number>> | undefined;
  /**
   * Milliseconds from the start of the call after which what is there is returned; `alignMany` counts them for each
   * exchange (with `order: 'paper'`, each batch) from the start of its own work. @default none
   */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options that hold for one call. */
export interface AlignOptions extends SquadInspectOptions {
  readonly acceptance?: Acceptance | undefined;
  /**
   * `verified`: furthest over its threshold first, every rewrite verified.
   * `paper`: the paper's algorithm (section 3.3); it takes no notice of thresholds, acceptance, candidates and attempts.
   * @default 'verified'
   */
  readonly order?: 'verified' | 'paper' | undefined;
  /**
   * Rewrites to choose from, an integer from 1: so many are asked for at once, of the first aligner that has some and,
   * where it has fewer, of the next ones; they are scored in one batch and the best acceptable one is taken. @default 1
   */
  readonly candidates?: number | undefined;
  /** Most rewrites asked for one exchange, an integer from 0. @default 8 */
  readonly maxAttempts?: number | undefined;
  /** Most rewrites asked of one aligner for one exchange, an integer from 1. @default no limit of its own */
  readonly attemptsPerAligner?: number | undefined;
  /** Milliseconds for one rewrite, after which the next aligner is asked. @default none */
  readonly alignerTimeoutMs?: number | undefined;
  /** Ids of criteria whose inspector may fail or be late: they stay `unknown` and don't keep the text from passing. @default [] */
  readonly failOpen?: readonly string[] | undefined;
  /**
   * Ids of criteria that a text may miss: it is rewritten for them where it can be, and where they alone still flag it
   * the best text that there was is given, whatever `onUnfixed` says; the outcome stays `unfixed`. @default []
   */
  readonly advisory?: readonly string[] | undefined;
  /** What happens to a text that could not be shown to pass. @default 'keep' */
  readonly onUnfixed?: UnfixedPolicy | undefined;
  /** The same for the outcomes `error` and `timeout`. @default what `onUnfixed` says */
  readonly onError?: UnfixedPolicy | undefined;
}

/** Options of `alignMany`. */
export interface AlignManyOptions extends AlignOptions {
  /** Exchanges worked on at once, an integer from 1; also how far the source is read ahead of the results taken. @default 4 */
  readonly concurrency?: number | undefined;
}

/** Options of `createSquad`; those of a call are laid over them, `thresholds` and `acceptance` key by key. */
export interface SquadOptions extends Omit<AlignOptions, 'signal'> {
  /** For each criterion the first one that serves it is asked. */
  readonly inspectors: readonly Inspector[];
  /**
   * Asked in this order, the cheapest first: a later one is asked for a criterion when those before it had no rewrite
   * of this text that was accepted. With none the squad only inspects.
   */
  readonly aligners: readonly Aligner[];
  /** Milliseconds clock. @default performance.now */
  readonly now?: (() => number) | undefined;
}
