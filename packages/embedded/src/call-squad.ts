import { AlignSquadError, parseExchange, raceAbort, type Criterion, type Exchange } from '@align-squad/core';
import { criterionIds } from './criterion-ids.js';
import type { DisposableSquad } from './disposable-squad.js';

/** What a bare response answers; an Exchange brings its own. */
export interface ResponseOptions {
  readonly prompt?: Exchange['prompt'];
  /** Text that the response must be grounded in. */
  readonly context?: string | undefined;
}

/** One call of the embedded squad, as its user wrote it. */
export interface SquadCall<O> {
  readonly response: string | Exchange;
  readonly criteria: readonly (string | Criterion)[] | undefined;
  readonly options: O & ResponseOptions & { readonly signal?: AbortSignal | undefined };
}

/** What a call comes down to. */
export interface ResolvedCall<O> {
  readonly squad: DisposableSquad;
  readonly exchange: Exchange;
  readonly options: Omit<O, keyof ResponseOptions> & { readonly criteria?: readonly string[] | undefined };
}

/** Checks a call and gets the squad for it; what is wrong with the exchange is said before anything is loaded. */
export async function resolveCall<O>(
  getSquad: () => Promise<DisposableSquad>,
  call: SquadCall<O>,
): Promise<ResolvedCall<O>> {
  if (typeof call.options !== 'object' || call.options === null) throw invalid('Expected `options` to be an object.');
  const { prompt, context, ...options } = call.options;
  const exchange = toExchange(call.response, { prompt, context });
  const squad = await raceAbort(getSquad(), options.signal);
  const criteria = criterionIds(call.criteria, squad.criteria);
  return { squad, exchange, options: criteria === undefined ? options : { ...options, criteria } };
}

function toExchange(response: string | Exchange, options: ResponseOptions): Exchange {
  if (typeof response === 'string') return parseExchange({ response, ...options });
  if (options.prompt !== undefined || options.context !== undefined) {
    throw invalid('Expected `prompt` and `context` either in the exchange or in the options, not in both.');
  }
  return parseExchange(response);
}

function invalid(message: string): AlignSquadError {
  return new AlignSquadError(message, { code: 'invalid-options' });
}
