import type { Exchange } from './exchange.js';
import type { Verdict } from './inspector.js';

/** What an aligner is asked to do: rewrite the response of `exchange` so that it meets `criterion`. */
export interface AlignRequest {
  readonly exchange: Exchange;
  /** Id of the criterion to meet. */
  readonly criterion: string;
  /** What the inspector said of the exchange under that criterion, with its sentence scores where it has them. */
  readonly verdict?: Verdict | undefined;
  /** Which rewrite to give, best first, from 0. @default 0 */
  readonly candidate?: number | undefined;
}

/** Text of the rewrite as it comes, then one `end`. */
export type AlignEvent =
  | { readonly type: 'text'; readonly text: string }
  /** `rewritten`: the texts before it are the whole rewrite. `none`: the aligner has no (further) rewrite, and gave no text. */
  | { readonly type: 'end'; readonly outcome: 'rewritten' | 'none' };

/** What shared code may ask of an aligner instead of its name. */
export interface AlignerAbilities {
  /** Different rewrites that it can give of one exchange. */
  readonly maxCandidates: number;
  /** The same request gives the same rewrite. */
  readonly deterministic: boolean;
  /** A blank rewrite is meant: the response is to be left out, as a sentence that continues a text can be. @default false */
  readonly mayLeaveOut?: boolean | undefined;
}

/** Options of one rewrite. */
export interface AlignerOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Rewrites responses (paper, section 3.3). */
export interface Aligner {
  /** Version of this contract. */
  readonly contract: 'aligner/1';
  /** Names the aligner and its weights, for results and caches. */
  readonly version: string;
  /** Ids of the criteria that it serves. */
  readonly criteria: readonly string[];
  readonly abilities: AlignerAbilities;
  /** The rewrite as a stream. Throws `unknown-criterion`, `aligner-failed`, or the signal's reason. */
  align(request: AlignRequest, options?: AlignerOptions): AsyncIterable<AlignEvent>;
}

/** A whole rewrite, or none. */
export type Correction =
  | { readonly outcome: 'rewritten'; readonly response: string }
  | { readonly outcome: 'none' };

/** Reads an aligner's stream to its end. A stream that ends without `end` counts as no rewrite. */
export async function collectCorrection(
  aligner: Aligner,
  request: AlignRequest,
  options: AlignerOptions = {},
): Promise<Correction> {
  let response = '';
  for await (const event of aligner.align(request, options)) {
    options.signal?.throwIfAborted();
    if (event.type === 'text') response += event.text;
    else return event.outcome === 'rewritten' ? { outcome: 'rewritten', response } : { outcome: 'none' };
  }
  return { outcome: 'none' };
}
