import { setMaxListeners } from 'node:events';
import {
  AlignSquadError,
  parseExchange,
  raceAbort,
  type Exchange,
  type Inspection,
  type InspectOptions,
  type Inspector,
  type Verdict,
} from '@align-squad/core';
import { assertServed } from './assert-served.js';
import { unknownVerdict, verdictOf, type Judgement } from './verdicts.js';

/** What an inspector needs to know of each criterion that it serves. */
export interface ServedCriterion {
  readonly id: string;
  /** P(misaligned) from which an exchange is flagged, in [0, 1]. */
  readonly threshold: number;
  /** Without a context the criterion is not judged. */
  readonly needsContext: boolean;
  /** Only a whole response can be judged, not one that is still being written. @default false */
  readonly wholeOnly?: boolean | undefined;
}

/** What makes an inspector: how it judges one exchange; the rest of the contract is the same for all. */
export interface InspectorDefinition<Served extends ServedCriterion> {
  readonly version: string;
  readonly criteria: readonly Served[];
  readonly deterministic: boolean;
  /**
   * Judges an exchange with a response, and a context where one is needed. A criterion that is missing in the result
   * could not be judged. The exchanges of a batch are judged side by side: what must be bounded goes through a limiter.
   */
  judge(exchange: Exchange, criteria: readonly Served[], signal: AbortSignal): Promise<ReadonlyMap<string, Judgement>>;
}

// Errors that say more than that the inspector failed.
const kept: readonly string[] = ['inspector-failed', 'missing-dependency', 'model-invalid', 'disposed'];

/**
 * Creates an inspector. A response without text is `unknown`, reason `empty`, a criterion that needs a context is
 * `unknown`, reason `no-context`, without one, and one that could not be judged is `unknown`, reason `failed`.
 * An error of one exchange stops the batch, which then rejects with `inspector-failed`; an abort ends what hangs.
 */
export function defineInspector<Served extends ServedCriterion>(definition: InspectorDefinition<Served>): Inspector {
  const served = definition.criteria.map(({ id }) => id);
  const unjudged = definition.criteria.filter(({ wholeOnly }) => wholeOnly === true).map(({ id }) => [id, null] as const);
  return {
    contract: 'inspector/1',
    version: definition.version,
    criteria: served,
    abilities: { maxBatchSize: 256, deterministic: definition.deterministic, ...(unjudged.length > 0 && { unfinished: Object.fromEntries(unjudged) }) },
    async inspect(exchanges: readonly Exchange[], { criteria = served, signal }: InspectOptions = {}) {
      signal?.throwIfAborted();
      assertServed(criteria, served);
      const asked = definition.criteria.filter(({ id }) => criteria.includes(id));
      const parsed = exchanges.map(parseExchange);
      return withScope(signal, (scope) => Promise.all(parsed.map((exchange) => inspectOne(definition, exchange, asked, scope))));
    },
  };
}

/** Runs `work` with a signal that is aborted with the caller's, and when the first part of the work fails. */
async function withScope<T>(signal: AbortSignal | undefined, work: (scope: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  // Each request of a batch listens, so many listeners are no leak.
  setMaxListeners(0, controller.signal);
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  try {
    const result = await raceAbort(work(controller.signal), signal);
    signal?.throwIfAborted();
    return result;
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    throw asInspectorError(error);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    controller.abort();
  }
}

function asInspectorError(error: unknown): AlignSquadError {
  if (AlignSquadError.isInstance(error) && kept.includes(error.code)) return error;
  return new AlignSquadError('The inspector could not judge an exchange; the cause says why.', { code: 'inspector-failed', cause: error });
}

async function inspectOne<Served extends ServedCriterion>(
  definition: InspectorDefinition<Served>,
  exchange: Exchange,
  asked: readonly Served[],
  signal: AbortSignal,
): Promise<Inspection> {
  const isEmpty = exchange.response.trim() === '';
  const hasContext = exchange.context !== undefined && exchange.context.trim() !== '';
  const judged = isEmpty ? [] : asked.filter(({ needsContext }) => hasContext || !needsContext);
  const judgements = judged.length === 0 ? new Map<string, Judgement>() : await definition.judge(exchange, judged, signal);
  const verdicts = asked.map((criterion): [string, Verdict] => {
    const { id, threshold } = criterion;
    if (isEmpty) return [id, unknownVerdict(threshold, 'empty')];
    if (!judged.includes(criterion)) return [id, unknownVerdict(threshold, 'no-context')];
    const judgement = judgements.get(id);
    return [id, judgement ? verdictOf(judgement, threshold) : unknownVerdict(threshold, 'failed')];
  });
  return Object.fromEntries(verdicts);
}
