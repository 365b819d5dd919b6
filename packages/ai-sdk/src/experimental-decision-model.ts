import { AlignSquadError, parseExchange, type Exchange, type Inspection, type Verdict } from '@align-squad/core';
import { inspect } from '@align-squad/embedded';
import type { Squad } from '@align-squad/squad';

/** Options of `createExperimentalDecisionModel`. */
export interface ExperimentalDecisionModelOptions {
  /** Who inspects; it stays yours to dispose of. @default the squad of the embedded pack, loaded by the first call */
  readonly squad?: Squad | undefined;
}

/** What is read of a call of `experimental_decide`. */
export interface DecisionCall {
  readonly state: readonly { readonly type: string; readonly text?: string | undefined; readonly value?: unknown }[];
  readonly questions: Readonly<Record<string, { readonly type: string; readonly criteria?: unknown }>>;
  readonly abortSignal?: AbortSignal | undefined;
}

/** The answer to one question; a criterion that could not be judged is refused. */
export type DecisionAnswer =
  { type: 'choice'; choice: 'aligned' | 'misaligned'; probabilities: { aligned: number; misaligned: number } } | { type: 'refusal' };

/** What a call gives; the verdicts, by the thresholds of the squad, are in the metadata. */
export interface DecisionAnswers {
  answers: Record<string, DecisionAnswer>;
  warnings: [];
  providerMetadata: { 'align-squad': Record<string, { status: Verdict['status'] }> };
}

/** A decision model of specification v4 (ai 7). */
export interface ExperimentalDecisionModel {
  readonly specificationVersion: 'v4';
  readonly provider: 'align-squad';
  readonly modelId: string;
  readonly supportedQuestionTypes: readonly 'choice'[];
  readonly doDecide: (call: DecisionCall) => Promise<DecisionAnswers>;
}

const choices = ['aligned', 'misaligned'];

/**
 * Makes a model for `experimental_decide` of ai 7 of the squad's inspectors; experimental, as that function is. The id of
 * a question is that of a criterion, and its options are `aligned` and `misaligned`; instructions are not read. The
 * state is the response, or JSON `{ prompt, context, response }`. The option with the higher probability is chosen,
 * whatever the threshold of the criterion is.
 * @throws AlignSquadError by its calls: `invalid-options` (a question of another kind), `invalid-exchange`, `unknown-criterion`.
 */
export function createExperimentalDecisionModel({ squad }: ExperimentalDecisionModelOptions = {}): ExperimentalDecisionModel {
  const judge = (exchange: Exchange, criteria: readonly string[], signal: AbortSignal | undefined): Promise<Inspection> =>
    squad ? squad.inspect(exchange, { criteria, signal }) : inspect(exchange, criteria, { signal });
  return {
    specificationVersion: 'v4',
    provider: 'align-squad',
    modelId: 'inspectors',
    supportedQuestionTypes: ['choice'],
    async doDecide({ state, questions, abortSignal }) {
      if (!Object.values(questions).every(isServed)) throw wrongQuestion();
      const inspection = Object.entries(await judge(exchangeOf(state), Object.keys(questions), abortSignal));
      return {
        answers: Object.fromEntries(inspection.map(([id, verdict]) => [id, answerOf(verdict)])),
        warnings: [],
        providerMetadata: { 'align-squad': Object.fromEntries(inspection.map(([id, { status }]) => [id, { status }])) },
      };
    },
  };
}

function isServed({ type, criteria }: DecisionCall['questions'][string]): boolean {
  if (type !== 'choice' || typeof criteria !== 'object' || criteria === null) return false;
  return Object.keys(criteria).toSorted().join() === choices.join();
}

function exchangeOf(state: DecisionCall['state']): Exchange {
  const [part, ...others] = state;
  // parseExchange says what is wrong with everything else
  return parseExchange(others.length > 0 ? undefined : part?.type === 'text' ? part.text : part?.value);
}

function answerOf(verdict: Verdict): DecisionAnswer {
  if (verdict.status === 'unknown') return { type: 'refusal' };
  const misaligned = verdict.misalignment;
  return {
    type: 'choice',
    choice: misaligned > 0.5 ? 'misaligned' : 'aligned',
    probabilities: { aligned: 1 - misaligned, misaligned },
  };
}

function wrongQuestion(): AlignSquadError {
  return new AlignSquadError('Expected every question to be a `choice` between `aligned` and `misaligned`.', { code: 'invalid-options' });
}
