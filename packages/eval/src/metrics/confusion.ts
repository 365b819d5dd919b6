import { countLabels, invalidDataset } from './scored.js';

/** Counts of right and wrong decisions. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/**
 * Decisions at `threshold`: an item is called positive when its score is at or above it.
 * @throws AlignSquadError `invalid-dataset` when scores and labels don't match.
 */
export function confusionAt(threshold: number, scores: readonly number[], labels: readonly boolean[]): Confusion {
  const { positives, negatives } = countLabels(scores, labels);
  let truePositives = 0;
  let falsePositives = 0;
  scores.forEach((score, index) => {
    if (score < threshold) return;
    if (labels[index] === true) truePositives += 1;
    else falsePositives += 1;
  });
  return {
    truePositives,
    falsePositives,
    trueNegatives: negatives - falsePositives,
    falseNegatives: positives - truePositives,
  };
}

/**
 * Harmonic mean of precision and recall; 0 when nothing positive was found.
 * @throws AlignSquadError `invalid-dataset` when there is no positive.
 */
export function f1(confusion: Confusion): number {
  const { truePositives, falsePositives, falseNegatives } = confusion;
  if (truePositives + falseNegatives === 0) throw invalidDataset('Expected at least one positive for F1, got none.');
  return (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives);
}

/** Share of what was called positive that is; null when nothing was. */
export function precision({ truePositives, falsePositives }: Confusion): number | null {
  return truePositives + falsePositives === 0 ? null : truePositives / (truePositives + falsePositives);
}

/**
 * Share of the negatives that were called positive.
 * @throws AlignSquadError `invalid-dataset` when there is no negative.
 */
export function falsePositiveRate(confusion: Confusion): number {
  const negatives = confusion.falsePositives + confusion.trueNegatives;
  if (negatives === 0) throw invalidDataset('Expected at least one negative for a false-positive rate, got none.');
  return confusion.falsePositives / negatives;
}

/**
 * Share of the positives that were found.
 * @throws AlignSquadError `invalid-dataset` when there is no positive.
 */
export function recall(confusion: Confusion): number {
  const positives = confusion.truePositives + confusion.falseNegatives;
  if (positives === 0) throw invalidDataset('Expected at least one positive for a recall, got none.');
  return confusion.truePositives / positives;
}
