import { AlignSquadError } from '../errors.js';
import type { Exchange } from '../exchange.js';
import type { Inspection, InspectOptions, Inspector, Verdict } from '../inspector.js';
import { createScript, isSame, playFailure, type Scripted, type ScriptedFailure } from './script.js';
import { assertServed, defaultCriteria, verdictOf } from './verdicts.js';

/** What a call must look like; what is left out may be anything. */
export interface ExpectedInspection {
  readonly responses?: readonly string[] | undefined;
  readonly exchanges?: readonly Exchange[] | undefined;
  readonly criteria?: readonly string[] | undefined;
}

/** One expected call: its verdicts, one record an exchange, a number being P(misaligned); or how it fails. */
export type InspectorStep = { readonly expect?: ExpectedInspection | undefined } & (
  | { readonly verdicts: readonly Readonly<Record<string, number | Verdict>>[] }
  | ScriptedFailure
);

/** One call that a scripted inspector got. */
export interface InspectorCall {
  readonly exchanges: readonly Exchange[];
  readonly criteria: readonly string[];
}

/** Options of `scriptedInspector`. */
export interface ScriptedInspectorOptions {
  /** @default 'scripted-inspector/1' */
  readonly version?: string | undefined;
  /** @default ['ethical', 'factual', 'helpful'] */
  readonly criteria?: readonly string[] | undefined;
  /** Threshold of the verdicts that are given as numbers, in [0, 1]. @default 0.5 */
  readonly threshold?: number | undefined;
  /** @default 64 */
  readonly maxBatchSize?: number | undefined;
}

/**
 * An inspector that answers the expected calls in order, and rejects with `unexpected-call` on any other.
 * End the test with `assertDone()`, as the code under test may swallow that rejection.
 */
export function scriptedInspector(
  steps: readonly InspectorStep[],
  options: ScriptedInspectorOptions = {},
): Inspector & Scripted<InspectorCall> {
  const version = options.version ?? 'scripted-inspector/1';
  const served = options.criteria ?? defaultCriteria;
  const script = createScript<InspectorCall, InspectorStep>(version, steps);
  return {
    contract: 'inspector/1',
    version,
    criteria: served,
    abilities: { maxBatchSize: options.maxBatchSize ?? 64, deterministic: false },
    calls: script.calls,
    assertDone: script.assertDone,
    async inspect(exchanges: readonly Exchange[], { criteria = served, signal }: InspectOptions = {}) {
      signal?.throwIfAborted();
      assertServed(criteria, served, version);
      const step = script.next({ exchanges, criteria }, (next) => findMismatch(next, exchanges, criteria));
      if (!('verdicts' in step)) return playFailure(step, version, signal);
      // As a real inspector, never in the same turn.
      await Promise.resolve();
      signal?.throwIfAborted();
      return step.verdicts.map((verdicts) => pick(verdicts, criteria, options.threshold ?? 0.5, version));
    },
  };
}

function findMismatch(
  step: InspectorStep,
  exchanges: readonly Exchange[],
  criteria: readonly string[],
): string | undefined {
  const { expect = {} } = step;
  if (expect.exchanges !== undefined && !isSame(expect.exchanges, exchanges)) return 'its exchanges';
  const responses = exchanges.map((exchange) => exchange.response);
  if (expect.responses !== undefined && !isSame(expect.responses, responses)) return 'its responses';
  if (expect.criteria !== undefined && !isSame(expect.criteria, criteria)) return 'its criteria';
  if (!('verdicts' in step)) return undefined;
  if (step.verdicts.length !== exchanges.length) return 'its number of exchanges';
  const missing = criteria.some((criterion) => step.verdicts.some((verdicts) => !Object.hasOwn(verdicts, criterion)));
  return missing ? 'its criteria, as the script has no verdict for one of them' : undefined;
}

function pick(
  verdicts: Readonly<Record<string, number | Verdict>>,
  criteria: readonly string[],
  threshold: number,
  version: string,
): Inspection {
  return Object.fromEntries(
    criteria.map((criterion) => {
      const verdict = verdicts[criterion];
      if (verdict === undefined) throw new AlignSquadError(`${version}: no verdict.`, { code: 'unexpected-call' });
      return [criterion, verdictOf(verdict, threshold, version)];
    }),
  );
}
