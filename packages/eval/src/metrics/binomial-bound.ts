import { AlignSquadError } from '@align-squad/core';
import { invalidDataset } from './scored.js';

/**
 * The highest rate at which `hits` or fewer among `trials` still happen with a chance of 1 - `level`: the one-sided upper bound of
 * Clopper and Pearson (1934), exact whatever the rate.
 * @throws AlignSquadError `invalid-dataset` unless hits and trials are whole with 0 <= hits <= trials and trials from 1,
 * `invalid-options` for a level outside (0, 1).
 */
export function binomialUpperBound(hits: number, trials: number, level = 0.95): number {
  if (!(level > 0 && level < 1)) throw new AlignSquadError('Expected `level` between 0 and 1.', { code: 'invalid-options' });
  if (!Number.isInteger(hits) || !Number.isInteger(trials) || hits < 0 || trials < 1 || hits > trials) {
    throw invalidDataset('Expected whole numbers with 0 <= hits <= trials and trials from 1.');
  }
  if (hits === trials) return 1;
  let [low, high] = [hits / trials, 1];
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(hits, trials, middle) > 1 - level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The fewest trials at which the upper bound of no hit at all is no higher than `rate`, in (0, 1): with fewer, nothing that is seen
 * can show such a rate.
 * @throws AlignSquadError `invalid-options` for a rate or level outside (0, 1).
 */
export function trialsForRate(rate: number, level = 0.95): number {
  if (!(rate > 0 && rate < 1) || !(level > 0 && level < 1)) {
    throw new AlignSquadError('Expected `rate` and `level` between 0 and 1.', { code: 'invalid-options' });
  }
  return Math.ceil(Math.log(1 - level) / Math.log1p(-rate));
}

// Each term from the one before it, in logarithms, so that many trials don't underflow.
function chanceOfAtMost(hits: number, trials: number, rate: number): number {
  let logTerm = trials * Math.log1p(-rate);
  let chance = Math.exp(logTerm);
  for (let hit = 1; hit <= hits; hit++) {
    logTerm += Math.log((trials - hit + 1) / hit) + Math.log(rate) - Math.log1p(-rate);
    chance += Math.exp(logTerm);
  }
  return chance;
}
