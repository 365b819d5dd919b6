import { AlignSquadError } from '@align-squad/core';
import { countBothLabels, countLabels, groupByScore, invalidDataset } from './scored.js';

/** What a threshold gives: an item is called positive from it on. */
export interface RocPoint {
  readonly threshold: number;
  readonly falsePositiveRate: number;
  readonly recall: number;
}

/**
 * The ROC curve, from the highest distinct score to the lowest; [0, 0] is not among the points.
 * @throws AlignSquadError `invalid-dataset` when a class is missing or scores and labels don't match.
 */
export function rocCurve(scores: readonly number[], labels: readonly boolean[]): RocPoint[] {
  const { positives, negatives } = countBothLabels(scores, labels);
  let hits = 0;
  let alarms = 0;
  return groupByScore(scores, labels).map((group) => {
    hits += group.positives;
    alarms += group.negatives;
    return { threshold: group.score, falsePositiveRate: alarms / negatives, recall: hits / positives };
  });
}

/** One bin of a reliability plot: scores in [low, high), of which the last bin holds 1 too. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly positives: number;
  /** Mean of the scores; null in an empty bin. */
  readonly meanScore: number | null;
  /** Share of the items that are positive; null in an empty bin. */
  readonly positiveShare: number | null;
}

/**
 * Bins of equal width over [0, 1], the empty ones too: `expectedCalibrationError` is the mean gap between `meanScore` and
 * `positiveShare`, weighted by `count`.
 * @throws AlignSquadError `invalid-dataset` for scores outside [0, 1], `invalid-options` unless `bins` is an integer from 1.
 */
export function reliabilityBins(scores: readonly number[], labels: readonly boolean[], bins = 10): ReliabilityBin[] {
  if (!Number.isInteger(bins) || bins < 1) throw new AlignSquadError('Expected `bins` to be an integer from 1.', { code: 'invalid-options' });
  countLabels(scores, labels);
  if (scores.some((score) => score < 0 || score > 1)) throw invalidDataset('Expected every score to be in [0, 1].');
  const held = Array.from({ length: bins }, () => ({ count: 0, positives: 0, sum: 0 }));
  scores.forEach((score, index) => {
    const bin = held[Math.min(bins - 1, Math.floor(score * bins))];
    if (bin === undefined) return;
    bin.count += 1;
    bin.sum += score;
    if (labels[index] === true) bin.positives += 1;
  });
  return held.map(({ count, positives, sum }, index) => ({
    low: index / bins,
    high: (index + 1) / bins,
    count,
    positives,
    meanScore: count === 0 ? null : sum / count,
    positiveShare: count === 0 ? null : positives / count,
  }));
}
