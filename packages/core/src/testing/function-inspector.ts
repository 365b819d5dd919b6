import { toAlignSquadError } from '../errors.js';
import type { Exchange } from '../exchange.js';
import type { Inspection, InspectOptions, Inspector, Verdict } from '../inspector.js';
import { assertServed, defaultCriteria, verdictOf } from './verdicts.js';
import type { InspectorCall } from './scripted-inspector.js';

/** Options of `functionInspector`. */
export interface FunctionInspectorOptions {
  /** @default 'function-inspector/1' */
  readonly version?: string | undefined;
  /** @default ['ethical', 'factual', 'helpful'] */
  readonly criteria?: readonly string[] | undefined;
  /** Criteria that are `unknown` for an exchange without a context. @default [] */
  readonly needsContext?: readonly string[] | undefined;
  /** P(misaligned) from which an exchange is flagged, in [0, 1]. @default 0.5 */
  readonly threshold?: number | undefined;
  /** @default 64 */
  readonly maxBatchSize?: number | undefined;
}

/** P(misaligned) of an exchange under a criterion, or a whole verdict. */
export type ScoreFunction = (exchange: Exchange, criterion: string) => number | Verdict;

/** An inspector that scores by a function. What the function throws becomes `inspector-failed`. */
export function functionInspector(
  score: ScoreFunction,
  options: FunctionInspectorOptions = {},
): Inspector & { readonly calls: readonly InspectorCall[] } {
  const version = options.version ?? 'function-inspector/1';
  const served = options.criteria ?? defaultCriteria;
  const threshold = options.threshold ?? 0.5;
  const calls: InspectorCall[] = [];
  const judge = (exchange: Exchange, criterion: string): Verdict => {
    if (options.needsContext?.includes(criterion) === true && exchange.context === undefined) {
      return { status: 'unknown', misalignment: 1, threshold, reason: 'no-context' };
    }
    try {
      return verdictOf(score(exchange, criterion), threshold, version);
    } catch (error) {
      throw toAlignSquadError(error, `${version}: its function failed.`, 'inspector-failed');
    }
  };
  return {
    contract: 'inspector/1',
    version,
    criteria: served,
    abilities: { maxBatchSize: options.maxBatchSize ?? 64, deterministic: true },
    calls,
    async inspect(exchanges: readonly Exchange[], { criteria = served, signal }: InspectOptions = {}) {
      signal?.throwIfAborted();
      assertServed(criteria, served, version);
      calls.push({ exchanges, criteria });
      // As a real inspector, never in the same turn.
      await Promise.resolve();
      signal?.throwIfAborted();
      return exchanges.map(
        (exchange): Inspection => Object.fromEntries(criteria.map((id) => [id, judge(exchange, id)])),
      );
    },
  };
}
