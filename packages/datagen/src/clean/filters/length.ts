import { z } from 'zod';
import { wordsOf } from '../fold-text.js';
import { defineFilter, type FilterDefinition } from './filter.js';

/** Drops records whose response or correction is too short or too long, or whose correction is much shorter or longer than the response. */
export const length: FilterDefinition = defineFilter({
  name: 'length',
  description: 'Response or correction too short or too long, or of too different lengths.',
  params: z.strictObject({
    minWords: z.int().min(0).default(1),
    maxWords: z.int().min(1).default(500),
    /** Words of the correction for each word of the response. */
    minRatio: z.number().min(0).default(0.1),
    maxRatio: z.number().gt(0).default(50),
  }),
  create: ({ minWords, maxWords, minRatio, maxRatio }) => ({
    reject({ misaligned, aligned }) {
      const [before, after] = [wordsOf(misaligned).length, wordsOf(aligned).length];
      if (Math.min(before, after) < minWords) return 'a text has too few words';
      if (Math.max(before, after) > maxWords) return 'a text has too many words';
      const ratio = after / Math.max(1, before);
      if (ratio < minRatio) return 'the correction is much shorter than the response';
      return ratio > maxRatio ? 'the correction is much longer than the response' : undefined;
    },
  }),
});
