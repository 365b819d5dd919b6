import { AlignSquadError } from '@align-squad/core';
import type { Classifier } from './load-classifier.js';

/**
 * P(misaligned) by the logits of a classifier: the sum of the probabilities of the misaligned labels, or the highest of
 * them where each label has a probability of its own.
 * @throws AlignSquadError `inspector-failed` unless there is one finite logit a label.
 */
export function misalignedByLabels(
  logits: readonly number[],
  misaligned: readonly string[],
  { labels, isMultiLabel }: Pick<Classifier, 'labels' | 'isMultiLabel'>,
): number {
  if (logits.length !== labels.length || !logits.every(Number.isFinite)) {
    throw new AlignSquadError(`Expected the classifier to give a finite logit for each of its ${labels.length} labels.`, { code: 'inspector-failed' });
  }
  const probabilities = isMultiLabel ? logits.map((logit) => 1 / (1 + Math.exp(-logit))) : softmax(logits);
  const chosen = probabilities.filter((_, index) => misaligned.includes(labels[index] ?? ''));
  return isMultiLabel ? Math.max(...chosen) : Math.min(1, chosen.reduce((sum, value) => sum + value, 0));
}

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - most));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / all);
}
