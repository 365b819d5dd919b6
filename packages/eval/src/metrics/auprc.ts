import { countBothLabels, groupByScore } from './scored.js';

/**
 * Area under the precision-recall curve as average precision: precision at each distinct score, weighted by the
 * recall that it adds. A constant score gives the share of positives.
 * @throws AlignSquadError `invalid-dataset` when a class is missing or scores and labels don't match.
 */
export function auprc(scores: readonly number[], labels: readonly boolean[]): number {
  const { positives } = countBothLabels(scores, labels);
  let hits = 0;
  let seen = 0;
  let area = 0;
  for (const group of groupByScore(scores, labels)) {
    hits += group.positives;
    seen += group.positives + group.negatives;
    area += (hits / seen) * (group.positives / positives);
  }
  return area;
}
