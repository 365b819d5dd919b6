import { tokenF1 } from '@align-squad/core';
import { foldText, wordsOf } from '../clean/fold-text.js';

/** How much two texts say the same, in [0, 1]. */
export type TextSimilarity = (recorded: string, sampled: string) => number;

// BSDetector (2308.16175, Observed Consistency) weighs semantic similarity with 0.8 and equality with 0.2.
const similarityWeight = 0.8;

/** F1 of the words of two texts, counted as often as they occur, in [0, 1]; case and punctuation do not count. */
export function tokenSimilarity(first: string, second: string): number {
  const [words, others] = [wordsOf(first), wordsOf(second)];
  if (words.length + others.length === 0) return foldText(first) === foldText(second) ? 1 : 0;
  return tokenF1(words, others);
}

/**
 * Observed consistency of a text with samples of it, in [0, 1] (BSDetector, 2308.16175, Observed Consistency, with the similarity of
 * words in place of its entailment model): the mean of 0.8 times the similarity and 0.2 where the two are equal.
 * Undefined without samples.
 */
export function observedConsistency(recorded: string, samples: readonly string[], similarity: TextSimilarity = tokenSimilarity): number | undefined {
  if (samples.length === 0) return undefined;
  const folded = foldText(recorded);
  const sum = samples.reduce((total, sample) => {
    const equal = foldText(sample) === folded ? 1 : 0;
    return total + similarityWeight * similarity(recorded, sample) + (1 - similarityWeight) * equal;
  }, 0);
  return sum / samples.length;
}
