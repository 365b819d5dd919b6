import { AlignSquadError, parseExchange, type Exchange, type Inspection } from '@align-squad/core';
import { withCallScope } from './call-scope.js';
import { createDrafts, type Draft, type Run } from './draft.js';
import { finishDraft } from './finish.js';
import { mapLimit } from './map-limit.js';
import type { AlignOptions, SquadInspectOptions, SquadOptions } from './options.js';
import { alignPaper, paperBatchSize } from './paper-order.js';
import {
  resolveAlignOptions,
  resolveInspectOptions,
  resolveSquadOptions,
  type ResolvedAlignOptions,
  type ResolvedSquadOptions,
} from './resolve-options.js';
import type { AlignResult } from './result.js';
import { alignVerified } from './verified-order.js';
import { withPaperThreshold, withThresholds } from './verdicts.js';

/** Inspects answers and rewrites what is misaligned in them; safe to share between calls. */
export interface Squad {
  /** Ids of the criteria that its inspectors serve. */
  readonly criteria: readonly string[];
  /**
   * Aligns one exchange, or a bare response.
   * Rejects with `invalid-exchange`, `invalid-options`, `unknown-criterion`, `blocked` (policy `throw`), or the signal's reason.
   */
  readonly align: (exchange: Exchange | string, options?: AlignOptions) => Promise<AlignResult>;
  /**
   * Aligns each exchange on its own, four at a time, results in order; with `order: 'paper'`, batches of 64.
   * Rejects as `align` does, for bad input before any work; under the policy `throw` one exchange rejects the whole call.
   */
  readonly alignMany: (exchanges: readonly (Exchange | string)[], options?: AlignOptions) => Promise<AlignResult[]>;
  /** The verdicts on one exchange; an inspector that fails or is late gives `unknown`. */
  readonly inspect: (exchange: Exchange | string, options?: SquadInspectOptions) => Promise<Inspection>;
  /** The verdicts on each exchange, in order. */
  readonly inspectMany: (
    exchanges: readonly (Exchange | string)[],
    options?: SquadInspectOptions,
  ) => Promise<Inspection[]>;
}

/**
 * Makes a squad of inspectors and aligners. It fails closed: what could not be judged never passes.
 * @throws AlignSquadError `invalid-options`, or `unknown-criterion` for an id that no inspector serves.
 * @example
 * ```ts
 * import type { Aligner, Inspector, Verdict } from '@align-squad/core';
 * import { createSquad } from '@align-squad/squad';
 *
 * const judge = (response: string): Verdict =>
 *   response.includes('!')
 *     ? { status: 'flag', misalignment: 0.9, threshold: 0.5 }
 *     : { status: 'pass', misalignment: 0.1, threshold: 0.5 };
 * const inspector: Inspector = {
 *   contract: 'inspector/1',
 *   version: 'loudness',
 *   criteria: ['calm'],
 *   abilities: { maxBatchSize: 8, deterministic: true },
 *   inspect: async (exchanges) => exchanges.map(({ response }) => ({ calm: judge(response) })),
 * };
 * const aligner: Aligner = {
 *   contract: 'aligner/1',
 *   version: 'full-stops',
 *   criteria: ['calm'],
 *   abilities: { maxCandidates: 1, deterministic: true },
 *   async *align({ exchange }) {
 *     yield { type: 'text', text: exchange.response.replaceAll('!', '.') };
 *     yield { type: 'end', outcome: 'rewritten' };
 *   },
 * };
 * const squad = createSquad({ inspectors: [inspector], aligners: [aligner] });
 * const { outcome, response } = await squad.align('No! I will not!');
 * // outcome: 'aligned', response: 'No. I will not.'
 * ```
 */
export function createSquad(options: SquadOptions): Squad {
  const squad = resolveSquadOptions(options);
  return {
    criteria: squad.served,
    align: async (exchange, callOptions) => {
      const resolved = resolveAlignOptions(callOptions, squad);
      return first(await alignExchanges(squad, [parseExchange(exchange)], resolved));
    },
    alignMany: async (exchanges, callOptions) => {
      const resolved = resolveAlignOptions(callOptions, squad);
      return alignExchanges(squad, parseExchanges(exchanges), resolved);
    },
    inspect: async (exchange, callOptions) => {
      const resolved = resolveInspectOptions(callOptions, squad);
      return first(await inspectExchanges(squad, [parseExchange(exchange)], resolved));
    },
    inspectMany: async (exchanges, callOptions) => {
      const resolved = resolveInspectOptions(callOptions, squad);
      return inspectExchanges(squad, parseExchanges(exchanges), resolved);
    },
  };
}

function withRun<T>(
  squad: ResolvedSquadOptions,
  options: ResolvedAlignOptions,
  body: (run: Run) => Promise<T>,
): Promise<T> {
  const { inspectors, aligners, now } = squad;
  const { criteria, signal, deadlineMs } = options;
  const restate = options.order === 'paper' ? withPaperThreshold : withThresholds(options.thresholds);
  return withCallScope({ signal, deadlineMs, now }, (scope) =>
    body({ inspectors, aligners, now, criteria, restate, scope, options }),
  );
}

async function inspectExchanges(
  squad: ResolvedSquadOptions,
  exchanges: readonly Exchange[],
  options: ResolvedAlignOptions,
): Promise<Inspection[]> {
  const drafts = await withRun(squad, options, (run) => createDrafts(run, exchanges));
  return drafts.map((draft) => draft.inspection);
}

async function alignExchanges(
  squad: ResolvedSquadOptions,
  exchanges: readonly Exchange[],
  options: ResolvedAlignOptions,
): Promise<AlignResult[]> {
  const align = options.order === 'paper' ? alignAllPaper : alignAllVerified;
  const drafts = await withRun(squad, options, (run) => align(run, exchanges));
  return drafts.map((draft) => finishDraft(draft, options.onUnfixed));
}

async function alignAllVerified(run: Run, exchanges: readonly Exchange[]): Promise<Draft[]> {
  const drafts = await createDrafts(run, exchanges);
  await mapLimit(drafts, 4, async (draft) => {
    const startedMs = run.now();
    await alignVerified(run, draft);
    draft.timing = { ...draft.timing, totalMs: draft.timing.totalMs + run.now() - startedMs };
  });
  return drafts;
}

async function alignAllPaper(run: Run, exchanges: readonly Exchange[]): Promise<Draft[]> {
  const drafts: Draft[] = [];
  for (let start = 0; start < exchanges.length; start += paperBatchSize) {
    const batch = await createDrafts(run, exchanges.slice(start, start + paperBatchSize));
    await alignPaper(run, batch);
    drafts.push(...batch);
  }
  return drafts;
}

function parseExchanges(values: unknown): Exchange[] {
  if (!Array.isArray(values)) {
    throw new AlignSquadError('Expected an array of exchanges.', { code: 'invalid-exchange' });
  }
  return Array.from(values, (value: unknown, index) => {
    try {
      return parseExchange(value);
    } catch (error) {
      if (!AlignSquadError.isInstance(error)) throw error;
      throw new AlignSquadError(`Exchange at index ${index}: ${error.message}`, { code: error.code });
    }
  });
}

function first<T>(values: readonly T[]): T {
  const [value] = values;
  // one exchange in gives one value out
  if (value === undefined) throw new AlignSquadError('Expected one result, got none.', { code: 'inspector-failed' });
  return value;
}
