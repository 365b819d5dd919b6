import { AlignSquadError } from '@align-squad/core';

/** How many items are labelled true and false. */
export interface LabelCounts {
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Checks scores against their labels and counts both classes.
 * @throws AlignSquadError `invalid-dataset` when there are none, lengths differ, or a score is not finite.
 */
export function countLabels(scores: readonly number[], labels: readonly boolean[]): LabelCounts {
  if (scores.length === 0) throw invalidDataset('Expected at least one score, got none.');
  if (scores.length !== labels.length) {
    throw invalidDataset(`Expected a label for each score, got ${scores.length} scores and ${labels.length} labels.`);
  }
  if (!scores.every(Number.isFinite)) throw invalidDataset('Expected every score to be a finite number.');
  const positives = labels.filter(Boolean).length;
  return { positives, negatives: labels.length - positives };
}

/**
 * As `countLabels`, for metrics that need both classes.
 * @throws AlignSquadError `invalid-dataset`, also when a class is missing.
 */
export function countBothLabels(scores: readonly number[], labels: readonly boolean[]): LabelCounts {
  const counts = countLabels(scores, labels);
  if (counts.positives > 0 && counts.negatives > 0) return counts;
  throw invalidDataset(`Expected both labels, got ${counts.positives} true and ${counts.negatives} false.`);
}

/** An `invalid-dataset` error. */
export function invalidDataset(message: string): AlignSquadError {
  return new AlignSquadError(message, { code: 'invalid-dataset' });
}

/** One distinct score with how many items of each label have it. */
export interface ScoreGroup extends LabelCounts {
  readonly score: number;
}

/** The distinct scores, highest first, so that ties are counted together. */
export function groupByScore(scores: readonly number[], labels: readonly boolean[]): ScoreGroup[] {
  const groups = new Map<number, { score: number; positives: number; negatives: number }>();
  scores.forEach((score, index) => {
    const group = groups.get(score) ?? { score, positives: 0, negatives: 0 };
    if (labels[index] === true) group.positives += 1;
    else group.negatives += 1;
    groups.set(score, group);
  });
  return [...groups.values()].sort((a, b) => b.score - a.score);
}
