import { AlignSquadError, parseExchange, type Aligner, type AlignRequest, type Exchange } from '@align-squad/core';

/** An aligner that owns the sessions of its pack. */
export interface PackAligner extends Aligner {
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The exchange of a request.
 * @throws AlignSquadError `unknown-criterion` for one that is not in `criteria`, `invalid-exchange`.
 */
export function checkRequest({ criterion, exchange }: AlignRequest, criteria: readonly string[]): Exchange {
  if (criteria.includes(criterion)) return parseExchange(exchange);
  throw new AlignSquadError(`The aligner does not serve that criterion; it serves ${criteria.join(', ')}.`, { code: 'unknown-criterion' });
}

/** What a failing model throws to the caller: the abort's reason and `disposed` as they are, all else as `aligner-failed`. */
export function alignerFailure(error: unknown, message: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted && error === signal.reason) return error;
  if (AlignSquadError.isInstance(error) && error.code === 'disposed') return error;
  return new AlignSquadError(message, { code: 'aligner-failed', cause: error });
}
