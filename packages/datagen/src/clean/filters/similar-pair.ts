import { z } from 'zod';
import { wordsOf } from '../fold-text.js';
import { defineFilter, type FilterDefinition } from './filter.js';

/**
 * Drops records whose response and correction have nearly the same words (paper, appendix: 38 % of its pairs): an inspector
 * learns little from them. For inspectors only, since such small corrections are what an aligner is to learn.
 */
export const similarPair: FilterDefinition = defineFilter({
  name: 'similar-pair',
  description: 'Response and correction of nearly the same words; for inspectors only.',
  params: z.strictObject({
    /** Cosine of the two sets of words from which a record is dropped. */
    threshold: z.number().gt(0).max(1).default(0.9),
  }),
  create: ({ threshold }) => ({
    reject: ({ identity, misaligned, aligned }) =>
      !identity && wordSetCosine(misaligned, aligned) >= threshold ? 'response and correction have nearly the same words' : undefined,
  }),
});

/** Cosine of the sets of words of two texts, in [0, 1]; 1 for texts without words. */
export function wordSetCosine(a: string, b: string): number {
  const [wordsA, wordsB] = [new Set(wordsOf(a)), new Set(wordsOf(b))];
  if (wordsA.size === 0 || wordsB.size === 0) return wordsA.size === wordsB.size ? 1 : 0;
  let shared = 0;
  for (const word of wordsA) if (wordsB.has(word)) shared += 1;
  return shared / Math.sqrt(wordsA.size * wordsB.size);
}
