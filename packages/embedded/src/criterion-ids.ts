import { AlignSquadError, parseCriterion, type Criterion } from '@align-squad/core';

/**
 * The ids of criteria given as names or values.
 * @throws AlignSquadError `invalid-options`, `invalid-criterion`, or `unknown-criterion` for one that `served` lacks.
 */
export function criterionIds(
  criteria: readonly (string | Criterion)[] | undefined,
  served: readonly string[],
): readonly string[] | undefined {
  if (criteria === undefined) return undefined;
  if (!Array.isArray(criteria) || criteria.length === 0) {
    throw new AlignSquadError('Expected `criteria` to be a list of one or more names or Criterion values.', {
      code: 'invalid-options',
    });
  }
  return criteria.map((criterion: string | Criterion) => {
    const id = typeof criterion === 'string' ? criterion : parseCriterion(criterion).id;
    if (served.includes(id)) return id;
    throw unknownCriterion(id, served);
  });
}

function unknownCriterion(id: string, served: readonly string[]): AlignSquadError {
  // anything that is no id could be text of a user that went astray
  const name = /^[a-z][a-z0-9-]{0,63}$/.test(id) ? `\`${id}\`` : 'something that is no id';
  return new AlignSquadError(
    `Expected criteria that the squad serves (${served.join(', ')}), got ${name}. ` +
      'For one of your own, train a pack for it, or give createSquad an inspector that serves it.',
    { code: 'unknown-criterion' },
  );
}
