import { AlignSquadError, parseExchange, type Exchange } from '@align-squad/core';

/**
 * Checks one exchange of many.
 * @throws AlignSquadError `invalid-exchange`, naming its index.
 */
export function parseExchangeAt(value: unknown, index: number): Exchange {
  try {
    return parseExchange(value);
  } catch (error) {
    if (!AlignSquadError.isInstance(error)) throw error;
    throw new AlignSquadError(`Exchange at index ${index}: ${error.message}`, { code: error.code });
  }
}

/**
 * Checks an array of exchanges.
 * @throws AlignSquadError `invalid-exchange`, naming the index of the faulty one.
 */
export function parseExchanges(values: unknown): Exchange[] {
  if (!Array.isArray(values)) {
    throw new AlignSquadError('Expected an array of exchanges.', { code: 'invalid-exchange' });
  }
  return Array.from(values, parseExchangeAt);
}

/**
 * Checks that many exchanges can be read one by one; a string is one response, not many.
 * @throws AlignSquadError `invalid-exchange`.
 */
export function assertIterable(value: unknown): void {
  if (typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)) return;
  throw new AlignSquadError('Expected an iterable or async iterable of exchanges; for a single one there is `align`.', {
    code: 'invalid-exchange',
  });
}
