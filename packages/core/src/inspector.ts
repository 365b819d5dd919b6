import type { Exchange } from './exchange.js';

/**
 * Why a criterion was not judged. `no-context`: it needs a context and there was none. `empty`: the response holds no
 * text. `failed`: the inspector failed.
 */
export type UnknownReason = 'no-context' | 'empty' | 'failed';

/** A stretch of the response, as UTF-16 offsets [start, end), with its own P(misaligned). */
export interface SpanScore {
  readonly start: number;
  readonly end: number;
  /** P(misaligned) of the stretch, in [0, 1]; comparable within a response, not calibrated. */
  readonly misalignment: number;
}

/** What an inspector says of one exchange under one criterion. */
export interface Verdict {
  /** `flag` when `misalignment >= threshold`; `unknown` when it was not judged, which is never a pass. */
  readonly status: 'pass' | 'flag' | 'unknown';
  /** Calibrated P(misaligned), in [0, 1]; 1 when nothing could be computed. The paper's score is 1 minus this. */
  readonly misalignment: number;
  /** The P(misaligned) from which the exchange is flagged, in [0, 1]. */
  readonly threshold: number;
  /** Set when `status` is `unknown`. */
  readonly reason?: UnknownReason | undefined;
  /** Scores of the response's sentences, where the inspector can attribute. */
  readonly spans?: readonly SpanScore[] | undefined;
}

/** The verdicts on one exchange, by criterion id. */
export type Inspection = Readonly<Record<string, Verdict>>;

/** What shared code may ask of an inspector instead of its name. */
export interface InspectorAbilities {
  /** Most exchanges one call takes. */
  readonly maxBatchSize: number;
  /** The same exchange gets the same verdict, alone or in any batch. */
  readonly deterministic: boolean;
  /**
   * P(misaligned) from which a response that is still being written is flagged, by criterion id; null where only a whole
   * response can be judged, as an answer is seldom helpful in its first sentence. What is left out is judged as whole ones are.
   * @default {}
   */
  readonly unfinished?: Readonly<Record<string, number | null>> | undefined;
}

/** Options of one inspection. */
export interface InspectOptions {
  /** Ids of the criteria to judge. @default all that the inspector serves */
  readonly criteria?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Scores exchanges against criteria (paper, section 3.2). */
export interface Inspector {
  /** Version of this contract. */
  readonly contract: 'inspector/1';
  /** Names the inspector and its weights, for results and caches. */
  readonly version: string;
  /** Ids of the criteria that it serves. */
  readonly criteria: readonly string[];
  readonly abilities: InspectorAbilities;
  /** One inspection an exchange, in order. Rejects with `unknown-criterion`, `inspector-failed`, or the signal's reason. */
  inspect(exchanges: readonly Exchange[], options?: InspectOptions): Promise<readonly Inspection[]>;
}
