import { thresholdAtFalsePositiveRate } from '@align-squad/eval';
import type { CriterionId } from './examples.js';
import { criteria } from './model.js';
import type { ScoredExample } from './score.js';

/** Platt scaling and threshold of one head. */
export interface HeadCalibration {
  readonly calibration: { readonly scale: number; readonly bias: number };
  readonly threshold: number;
}

/** Fits Platt scaling a head and sets its threshold for the target false-positive rate on aligned records. */
export function calibrateHeads(
  scored: readonly ScoredExample[],
  targetFalsePositiveRate: Readonly<Record<CriterionId, number>>,
): Record<CriterionId, HeadCalibration> {
  const entries = criteria.map((criterion, head) => {
    const rows = scored.flatMap(({ example, logits }) => {
      const label = example.labels[criterion];
      return label === undefined || (criterion === 'factual' && example.exchange.context === undefined) ? [] : [{ logit: logits[head] ?? 0, label }];
    });
    const calibration = fitPlatt(rows);
    const probabilities = rows.map(({ logit }) => 1 / (1 + Math.exp(-(calibration.scale * logit + calibration.bias))));
    const threshold = thresholdAtFalsePositiveRate(probabilities, rows.map(({ label }) => label === 1), targetFalsePositiveRate[criterion]);
    return [criterion, { calibration, threshold: Math.min(1, Number(threshold.toFixed(4))) }] as const;
  });
  // Every criterion has an entry, by construction.
  return Object.fromEntries(entries) as Record<CriterionId, HeadCalibration>;
}

/** Platt (1999): logistic regression of the label on the logit, with his smoothed targets, by Newton's method. */
export function fitPlatt(rows: readonly { readonly logit: number; readonly label: 0 | 1 }[]): { scale: number; bias: number } {
  const positives = rows.filter(({ label }) => label === 1).length;
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (rows.length - positives + 2);
  let scale = 1;
  let bias = 0;
  for (let iteration = 0; iteration < 50; iteration++) {
    const sums = { g0: 0, g1: 0, h00: 1e-6, h01: 0, h11: 1e-6 };
    for (const { logit, label } of rows) {
      const probability = 1 / (1 + Math.exp(-(scale * logit + bias)));
      const error = probability - (label === 1 ? high : low);
      const curvature = probability * (1 - probability);
      sums.g0 += error * logit;
      sums.g1 += error;
      sums.h00 += curvature * logit * logit;
      sums.h01 += curvature * logit;
      sums.h11 += curvature;
    }
    const determinant = sums.h00 * sums.h11 - sums.h01 * sums.h01;
    scale -= (sums.h11 * sums.g0 - sums.h01 * sums.g1) / determinant;
    bias -= (sums.h00 * sums.g1 - sums.h01 * sums.g0) / determinant;
  }
  return { scale: Number(Math.max(0.05, scale).toFixed(5)), bias: Number(bias.toFixed(5)) };
}
