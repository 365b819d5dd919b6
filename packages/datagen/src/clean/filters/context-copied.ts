import { z } from 'zod';
import { wordsOf } from '../fold-text.js';
import { defineFilter, type FilterDefinition } from './filter.js';

/** Drops records whose response or correction hands the context back instead of answering from it. */
export const contextCopied: FilterDefinition = defineFilter({
  name: 'context-copied',
  description: 'Responses or corrections that repeat the whole context.',
  params: z.strictObject({
    /** Words that a context must have to count. */
    minWords: z.int().min(1).default(15),
  }),
  create: ({ minWords }) => ({
    reject({ context, misaligned, aligned }) {
      const words = wordsOf(context ?? '');
      if (words.length < minWords) return undefined;
      const whole = ` ${words.join(' ')} `;
      const isCopied = [misaligned, aligned].some((text) => ` ${wordsOf(text).join(' ')} `.includes(whole));
      return isCopied ? 'a text repeats the whole context' : undefined;
    },
  }),
});
