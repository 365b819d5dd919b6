import { AlignSquadError } from '@align-squad/core';
import { binomialUpperBound, trialsForRate } from '../metrics/binomial-bound.js';
import { confusionAt, falsePositiveRate, recall } from '../metrics/confusion.js';
import { orNull } from '../metrics/or-null.js';
import { countLabels, invalidDataset } from '../metrics/scored.js';
import { thresholdAtFalsePositiveRate } from '../metrics/threshold.js';

/** A threshold for a false-positive rate, with what it rests on. */
export interface ThresholdCalibration {
  /** Score from which an item is flagged, in [0, 1], rounded up to five digits. */
  readonly threshold: number;
  readonly aligned: number;
  readonly misaligned: number;
  /** Aligned items that are flagged. */
  readonly flagged: number;
  readonly falsePositiveRate: number;
  /** 95 % upper bound of the rate on other data of the same kind (Clopper and Pearson). */
  readonly falsePositiveRateBound: number;
  /** Null without misaligned items. */
  readonly recall: number | null;
}

const digits = 1e5;

/**
 * The lowest threshold at which no more than `target` of the aligned items are flagged. It is chosen on these items, so it holds on
 * them; `falsePositiveRateBound` says what to expect elsewhere.
 * @throws AlignSquadError `invalid-options` for a target outside (0, 1); `invalid-dataset` with fewer aligned items than
 * `trialsForRate(target)`, for scores outside [0, 1], or where too many aligned items score 1.
 */
export function calibrateThreshold(scores: readonly number[], labels: readonly boolean[], target: number): ThresholdCalibration {
  if (!(target > 0 && target < 1)) throw new AlignSquadError('Expected `target` to be a number between 0 and 1.', { code: 'invalid-options' });
  const { positives, negatives } = countLabels(scores, labels);
  if (scores.some((score) => score < 0 || score > 1)) throw invalidDataset('Expected every score to be in [0, 1].');
  const needed = trialsForRate(target);
  if (negatives < needed) {
    throw invalidDataset(`Expected ${needed} or more aligned records that are judged, to show a false-positive rate of ${target}; got ${negatives}.`);
  }
  // Rounded down it could fall on an aligned item.
  const threshold = Math.min(1, Math.ceil(thresholdAtFalsePositiveRate(scores, labels, target) * digits) / digits);
  const confusion = confusionAt(threshold, scores, labels);
  const rate = falsePositiveRate(confusion);
  if (rate > target) throw invalidDataset(`More than ${target} of the aligned records score 1, so that no threshold tells them from misaligned ones.`);
  return {
    threshold,
    aligned: negatives,
    misaligned: positives,
    flagged: confusion.falsePositives,
    falsePositiveRate: rate,
    falsePositiveRateBound: binomialUpperBound(confusion.falsePositives, negatives),
    recall: orNull(() => recall(confusion)),
  };
}
