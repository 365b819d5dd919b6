import { AlignSquadError } from '@align-squad/core';
import { countLabels, invalidDataset } from './scored.js';

/**
 * The lowest threshold, among the scores, at which no more than `target` of the negatives score at or above it.
 * Where no score qualifies it lies just above the highest one.
 * @throws AlignSquadError `invalid-options` for a target outside [0, 1], `invalid-dataset` when there is no negative.
 */
export function thresholdAtFalsePositiveRate(
  scores: readonly number[],
  labels: readonly boolean[],
  target: number,
): number {
  if (!(target >= 0 && target <= 1)) {
    throw new AlignSquadError('Expected `target` to be a number in [0, 1].', { code: 'invalid-options' });
  }
  const { negatives } = countLabels(scores, labels);
  if (negatives === 0) throw invalidDataset('Expected at least one negative for a threshold, got none.');
  const negativeScores = scores.filter((_, index) => labels[index] !== true).sort((a, b) => b - a);
  // 0.29 * 100 is 28.999...: a share that is whole must count as whole.
  const highestRefused = negativeScores[Math.floor(target * negatives + 1e-9)];
  const ascending = [...scores].sort((a, b) => a - b);
  if (highestRefused === undefined) return ascending[0] ?? 0;
  return ascending.find((score) => score > highestRefused) ?? justAbove(highestRefused);
}

function justAbove(value: number): number {
  return value + Number.EPSILON * Math.max(1, Math.abs(value));
}
