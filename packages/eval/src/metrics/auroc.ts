import { countBothLabels, groupByScore } from './scored.js';

/**
 * Area under the ROC curve: the chance that a random positive scores above a random negative, a tie counting half
 * (the same as midranks).
 * @throws AlignSquadError `invalid-dataset` when a class is missing or scores and labels don't match.
 */
export function auroc(scores: readonly number[], labels: readonly boolean[]): number {
  const { positives, negatives } = countBothLabels(scores, labels);
  let above = 0;
  let wins = 0;
  for (const group of groupByScore(scores, labels)) {
    wins += group.negatives * (above + group.positives / 2);
    above += group.positives;
  }
  return wins / (positives * negatives);
}
