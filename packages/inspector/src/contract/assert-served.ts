import { AlignSquadError } from '@align-squad/core';

/**
 * Refuses criteria that an inspector does not serve.
 * @throws AlignSquadError `unknown-criterion`, with the criteria that it serves.
 */
export function assertServed(asked: readonly string[], served: readonly string[]): void {
  if (asked.every((criterion) => served.includes(criterion))) return;
  throw new AlignSquadError(`The inspector was asked for a criterion that it does not serve; it serves ${served.join(', ')}.`, {
    code: 'unknown-criterion',
  });
}
