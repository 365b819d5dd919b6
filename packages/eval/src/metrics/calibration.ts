import { AlignSquadError } from '@align-squad/core';
import { countLabels, invalidDataset } from './scored.js';

/** Options of `expectedCalibrationError`. */
export interface CalibrationOptions {
  /** Bins of equal width over [0, 1], an integer from 1. @default 10 */
  readonly bins?: number | undefined;
}

/**
 * Expected calibration error: over bins of equal width, the gap between mean probability and share of positives,
 * weighted by the items in the bin (Naeini et al. 2015).
 * @throws AlignSquadError `invalid-dataset` for scores outside [0, 1], `invalid-options` for a bad number of bins.
 */
export function expectedCalibrationError(
  scores: readonly number[],
  labels: readonly boolean[],
  options: CalibrationOptions = {},
): number {
  const bins = options.bins ?? 10;
  if (!Number.isInteger(bins) || bins < 1) {
    throw new AlignSquadError('Expected `bins` to be an integer from 1.', { code: 'invalid-options' });
  }
  countLabels(scores, labels);
  if (scores.some((score) => score < 0 || score > 1)) throw invalidDataset('Expected every score to be in [0, 1].');
  const gaps = new Float64Array(bins);
  scores.forEach((score, index) => {
    const bin = Math.min(bins - 1, Math.floor(score * bins));
    gaps[bin] = (gaps[bin] ?? 0) + score - (labels[index] === true ? 1 : 0);
  });
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / scores.length;
}
