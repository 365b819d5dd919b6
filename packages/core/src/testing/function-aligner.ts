import type { Aligner, AlignerOptions, AlignEvent, AlignRequest } from '../aligner.js';
import { toAlignSquadError } from '../errors.js';
import { assertServed, defaultCriteria } from './verdicts.js';

/** Options of `functionAligner`. */
export interface FunctionAlignerOptions {
  /** @default 'function-aligner/1' */
  readonly version?: string | undefined;
  /** @default ['ethical', 'factual', 'helpful'] */
  readonly criteria?: readonly string[] | undefined;
  /** Rewrites that the function has of one exchange; it is not asked for more. @default 1 */
  readonly maxCandidates?: number | undefined;
}

/** The rewrite of a request, or undefined when there is none. */
export type RewriteFunction = (request: AlignRequest) => string | undefined;

/** An aligner that rewrites by a function. What the function throws becomes `aligner-failed`. */
export function functionAligner(
  rewrite: RewriteFunction,
  options: FunctionAlignerOptions = {},
): Aligner & { readonly calls: readonly AlignRequest[] } {
  const version = options.version ?? 'function-aligner/1';
  const served = options.criteria ?? defaultCriteria;
  const maxCandidates = options.maxCandidates ?? 1;
  const calls: AlignRequest[] = [];
  const ask = (request: AlignRequest): string | undefined => {
    if ((request.candidate ?? 0) >= maxCandidates) return undefined;
    try {
      return rewrite(request);
    } catch (error) {
      throw toAlignSquadError(error, `${version}: its function failed.`, 'aligner-failed');
    }
  };
  return {
    contract: 'aligner/1',
    version,
    criteria: served,
    abilities: { maxCandidates, deterministic: true },
    calls,
    async *align(request: AlignRequest, { signal }: AlignerOptions = {}): AsyncGenerator<AlignEvent> {
      signal?.throwIfAborted();
      assertServed([request.criterion], served, version);
      calls.push(request);
      const text = ask(request);
      if (text === undefined) return yield { type: 'end', outcome: 'none' };
      yield { type: 'text', text };
      signal?.throwIfAborted();
      yield { type: 'end', outcome: 'rewritten' };
    },
  };
}
