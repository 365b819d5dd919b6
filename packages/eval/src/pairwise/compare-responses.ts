import { createRandom, parseWith, raceAbort, toAlignSquadError, type AlignSquadError } from '@align-squad/core';
import { z } from 'zod';
import { parseAnswer, type PairwiseJudge, type Preference } from './judge.js';
import { parsePairs, type ResponsePair } from './pair.js';
import { summarizeDecisions, type PairDecision, type PairwiseResult } from './pairwise-result.js';

/** How far a comparison is. */
export interface CompareProgress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
}

/** Options of `compareResponses`. */
export interface CompareOptions {
  /** Most pairs that are asked about at a time, from 1. @default 4 */
  readonly concurrency?: number | undefined;
  /** Failures in a row after which the comparison rejects with the last one, from 1: a wrong key fails for all pairs. @default 20 */
  readonly maxFailuresInARow?: number | undefined;
  /** Draws which response of a pair comes first, a whole number. @default 1 */
  readonly seed?: number | undefined;
  /** Called with each decision as it comes, in no order; waited for. */
  readonly onDecision?: ((decision: PairDecision, progress: CompareProgress) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface ResolvedCompareOptions extends CompareOptions {
  readonly concurrency: number;
  readonly maxFailuresInARow: number;
  readonly seed: number;
}

const optionsSchema: z.ZodType<ResolvedCompareOptions> = z.strictObject({
  concurrency: z.int().min(1).default(4),
  maxFailuresInARow: z.int().min(1).default(20),
  seed: z.int().default(1),
  onDecision: z.custom<NonNullable<CompareOptions['onDecision']>>((value) => typeof value === 'function').optional(),
  signal: z.instanceof(AbortSignal).optional(),
});

// What the caller has to put right is no failure of a pair.
const callerErrors: ReadonlySet<string> = new Set(['unknown-criterion', 'invalid-options']);

/**
 * Asks a judge which response of each pair is better, and counts how often it is the aligned one (paper, section 4).
 * A pair whose texts are the same is not asked; one that the judge fails on counts as failed, never as a tie.
 * @throws AlignSquadError `invalid-options`, `invalid-dataset` for faulty pairs, `unknown-criterion`; the last failure of
 * too many in a row; the signal's reason.
 */
export async function compareResponses(pairs: readonly ResponsePair[], judge: PairwiseJudge, options: CompareOptions = {}): Promise<PairwiseResult> {
  const { concurrency, maxFailuresInARow, seed, onDecision, signal } = parseWith(optionsSchema, options, { what: 'options of `compareResponses`', code: 'invalid-options' });
  const random = createRandom(seed);
  const parsed = parsePairs(pairs).map((pair) => ({ pair, isAlignedFirst: random.next() < 0.5 }));
  signal?.throwIfAborted();
  const stop = new AbortController();
  const scope = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const decisions = new Map<string, PairDecision>();
  let [failed, inARow] = [0, 0];
  // one iterator shared by all lanes hands each pair out once
  const queue = parsed.values();
  const lane = async (): Promise<void> => {
    for (const { pair, isAlignedFirst } of queue) {
      scope.throwIfAborted();
      const { decision, error } = await decide(pair, isAlignedFirst, judge, scope);
      decisions.set(pair.id, decision);
      if (error) [failed, inARow] = [failed + 1, inARow + 1];
      else if (decision.outcome !== 'identical') inARow = 0;
      await onDecision?.(decision, { done: decisions.size, failed, total: parsed.length });
      if (error && inARow >= maxFailuresInARow) throw error;
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, parsed.length) }, lane));
  } finally {
    // ends the other lanes when one has thrown
    stop.abort();
  }
  const inOrder = parsed.flatMap(({ pair: { id, prompt } }) => {
    const decision = decisions.get(id);
    return decision ? [{ prompt, decision }] : [];
  });
  return summarizeDecisions(inOrder, judge.version);
}

interface Decided {
  readonly decision: PairDecision;
  readonly error?: AlignSquadError;
}

async function decide(pair: ResponsePair, isAlignedFirst: boolean, judge: PairwiseJudge, signal: AbortSignal): Promise<Decided> {
  const { id, prompt, context, criterion, original, aligned } = pair;
  const named = { id, ...(criterion !== undefined && { criterion }) };
  if (original === aligned) return { decision: { ...named, outcome: 'identical' } };
  const [first, second] = isAlignedFirst ? [aligned, original] : [original, aligned];
  try {
    const answer = await raceAbort(judge.compare({ prompt, context, criterion, first, second }, { signal }), signal);
    const { preference, ...rest } = parseAnswer(answer);
    return { decision: { ...named, outcome: outcomeOf(preference, isAlignedFirst), ...rest } };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = toAlignSquadError(thrown, 'The judge failed on a pair.', 'generator-failed');
    if (callerErrors.has(error.code)) throw error;
    return { decision: { ...named, outcome: 'failed', code: error.code }, error };
  }
}

function outcomeOf(preference: Preference, isAlignedFirst: boolean): PairDecision['outcome'] {
  if (preference === 'tie') return 'tie';
  return (preference === 'first') === isAlignedFirst ? 'win' : 'loss';
}
