import { z } from 'zod';
import { defineFilter, type FilterDefinition } from './filter.js';

/** Drops records whose correction is the response, white space aside, though it was not aligned to begin with. */
export const unchanged: FilterDefinition = defineFilter({
  name: 'unchanged',
  description: 'Corrections that change nothing in a response that was not aligned.',
  params: z.strictObject({}),
  create: () => ({
    reject: ({ identity, misaligned, aligned }) =>
      !identity && squeeze(misaligned) === squeeze(aligned) ? 'the correction changes nothing' : undefined,
  }),
});

function squeeze(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}
