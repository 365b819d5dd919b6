import { parseExchange, type Exchange, type Inspection } from '@align-squad/core';
import { alignExchange, inspectExchanges } from './align-exchanges.js';
import { alignMany, type ExchangeSource } from './align-many.js';
import type { AlignManyOptions, AlignOptions, SquadInspectOptions, SquadOptions } from './options.js';
import { parseExchanges } from './parse-exchanges.js';
import { resolveAlignOptions, resolveInspectOptions, resolveSquadOptions } from './resolve-options.js';
import type { AlignResult } from './result.js';
import type { StreamEvent } from './stream/events.js';
import type { TextSource } from './stream/open-text-source.js';
import type { AlignStreamOptions } from './stream/options.js';
import { alignStreamWith } from './stream/stream-events.js';

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
   * Aligns each exchange of a finite or endless source on its own, results in order: `concurrency` at once, and the
   * source is read no further ahead of the results taken (with `order: 'paper'`, two batches of 64). Leaving early
   * closes the source and aborts what is in progress.
   * Throws what `align` rejects with, in the place of its exchange (with `order: 'paper'` and the policy `throw`, of its
   * batch) and as the end of all; `source-failed` for the source.
   */
  readonly alignMany: (
    exchanges: ExchangeSource,
    options?: AlignManyOptions,
  ) => AsyncGenerator<AlignResult, void, undefined>;
  /**
   * Aligns an answer while it is written: each sentence is held, inspected as the continuation of what passed before, and
   * released as it is, rewritten, or as the policy says; by default what could not be shown to pass is withheld. Nothing of
   * a sentence is released that did not pass, unless the policy is `keep`. At the end the whole answer is judged.
   * A source that fails gives an `error` event and the outcome `error`; a deadline drops what is held, outcome `timeout`.
   * Throws `invalid-options`, `invalid-exchange` or `unknown-criterion` with the first event, `blocked` (policy `throw`),
   * or the signal's reason. Leaving early or aborting lets the source go.
   */
  readonly alignStream: (source: TextSource, options?: AlignStreamOptions) => AsyncGenerator<StreamEvent, void, undefined>;
  /** The verdicts on one exchange; an inspector that fails or is late gives `unknown`. */
  readonly inspect: (exchange: Exchange | string, options?: SquadInspectOptions) => Promise<Inspection>;
  /** The verdicts on each exchange, in order; an array, because inspectors judge in batches. */
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
      return alignExchange(squad, parseExchange(exchange), resolved);
    },
    alignMany: (exchanges, callOptions) => alignMany(squad, exchanges, callOptions),
    alignStream: (source, callOptions = {}) => alignStreamWith(createSquad, options, { source, options: callOptions }),
    inspect: async (exchange, callOptions) => {
      const resolved = resolveInspectOptions(callOptions, squad);
      const [inspection = {}] = await inspectExchanges(squad, [parseExchange(exchange)], resolved);
      return inspection;
    },
    inspectMany: async (exchanges, callOptions) => {
      const resolved = resolveInspectOptions(callOptions, squad);
      return inspectExchanges(squad, parseExchanges(exchanges), resolved);
    },
  };
}
