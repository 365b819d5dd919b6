import type { Aligner, AlignerOptions, AlignEvent, AlignRequest } from '../aligner.js';
import { createScript, isSame, playFailure, type Scripted, type ScriptedFailure } from './script.js';
import { assertServed, defaultCriteria } from './verdicts.js';

/** What a call must look like; what is left out may be anything. */
export interface ExpectedRewrite {
  readonly response?: string | undefined;
  readonly criterion?: string | undefined;
  readonly candidate?: number | undefined;
}

/** One expected call: its rewrite, in one piece or in several; none; or how it fails, `after` some text. */
export type AlignerStep = { readonly expect?: ExpectedRewrite | undefined } & (
  | { readonly rewrite: string | readonly string[] }
  | { readonly none: true }
  | (ScriptedFailure & { readonly after?: readonly string[] | undefined })
);

/** Options of `scriptedAligner`. */
export interface ScriptedAlignerOptions {
  /** @default 'scripted-aligner/1' */
  readonly version?: string | undefined;
  /** @default ['ethical', 'factual', 'helpful'] */
  readonly criteria?: readonly string[] | undefined;
  /** Candidates that the script may be asked for; one beyond is `none` and takes no step. @default 1 */
  readonly maxCandidates?: number | undefined;
}

/** An aligner that answers the expected calls in order, and throws `unexpected-call` on any other. End the test with `assertDone()`. */
export function scriptedAligner(
  steps: readonly AlignerStep[],
  options: ScriptedAlignerOptions = {},
): Aligner & Scripted<AlignRequest> {
  const version = options.version ?? 'scripted-aligner/1';
  const served = options.criteria ?? defaultCriteria;
  const maxCandidates = options.maxCandidates ?? 1;
  const script = createScript<AlignRequest, AlignerStep>(version, steps);
  return {
    contract: 'aligner/1',
    version,
    criteria: served,
    abilities: { maxCandidates, deterministic: false },
    calls: script.calls,
    assertDone: script.assertDone,
    async *align(request: AlignRequest, { signal }: AlignerOptions = {}): AsyncGenerator<AlignEvent> {
      signal?.throwIfAborted();
      assertServed([request.criterion], served, version);
      if ((request.candidate ?? 0) >= maxCandidates) return yield { type: 'end', outcome: 'none' };
      const step = script.next(request, ({ expect }) => findMismatch(expect, request));
      if ('none' in step) return yield { type: 'end', outcome: 'none' };
      const texts = 'rewrite' in step ? [step.rewrite].flat() : (step.after ?? []);
      for (const text of texts) {
        yield { type: 'text', text };
        signal?.throwIfAborted();
      }
      if (!('rewrite' in step)) return playFailure(step, version, signal);
      yield { type: 'end', outcome: 'rewritten' };
    },
  };
}

function findMismatch(expect: ExpectedRewrite = {}, request: AlignRequest): string | undefined {
  if (expect.response !== undefined && expect.response !== request.exchange.response) return 'its response';
  if (expect.criterion !== undefined && expect.criterion !== request.criterion) return 'its criterion';
  if (expect.candidate !== undefined && !isSame(expect.candidate, request.candidate ?? 0)) return 'its candidate';
  return undefined;
}
