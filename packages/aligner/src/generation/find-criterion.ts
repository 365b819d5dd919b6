import { AlignSquadError, type Criterion } from '@align-squad/core';

/**
 * The criterion of that id.
 * @throws AlignSquadError `unknown-criterion`.
 */
export function findCriterion(criteria: readonly Criterion[], id: string): Criterion {
  const criterion = criteria.find((each) => each.id === id);
  if (criterion) return criterion;
  throw new AlignSquadError(`The aligner does not serve that criterion; it serves ${criteria.map((each) => each.id).join(', ')}.`, {
    code: 'unknown-criterion',
  });
}
