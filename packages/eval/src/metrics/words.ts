import { tokenF1 } from '@align-squad/core';

/** The words of a text, in lower case and without marks. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

/** F1 of the words that two texts share, counted as often as they occur, in [0, 1]; 0 when one has none. */
export function tokenOverlap(first: string, second: string): number {
  return tokenF1(wordsOf(first), wordsOf(second));
}

/**
 * Distinct n-grams of words among all n-grams of the texts (distinct-n, Li et al. 2016), in (0, 1]; null when no text has one.
 * It falls as the texts grow in number, so compare only sets of the same texts.
 */
export function distinctShare(texts: readonly string[], size = 2): number | null {
  const distinct = new Set<string>();
  let all = 0;
  for (const text of texts) {
    const words = wordsOf(text);
    for (let start = 0; start + size <= words.length; start++) {
      distinct.add(words.slice(start, start + size).join(' '));
      all += 1;
    }
  }
  return all === 0 ? null : distinct.size / all;
}
