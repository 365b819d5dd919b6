import { AlignSquadError } from '@align-squad/core';
import { invalidDataset } from './scored.js';

/**
 * The `percent`-th percentile, linear between the two nearest values; 50 is the median.
 * @throws AlignSquadError `invalid-dataset` without finite values, `invalid-options` for a percent outside [0, 100].
 */
export function percentile(values: readonly number[], percent: number): number {
  if (!(percent >= 0 && percent <= 100)) {
    throw new AlignSquadError('Expected `percent` to be a number in [0, 100].', { code: 'invalid-options' });
  }
  if (values.length === 0 || !values.every(Number.isFinite)) throw invalidDataset('Expected one or more finite values.');
  const ascending = [...values].sort((a, b) => a - b);
  const position = ((ascending.length - 1) * percent) / 100;
  const below = ascending[Math.floor(position)] ?? 0;
  const above = ascending[Math.ceil(position)] ?? below;
  return below + (above - below) * (position - Math.floor(position));
}
