import { z } from 'zod';
import { wordsOf } from '../fold-text.js';
import { defineFilter, type FilterDefinition } from './filter.js';

const none =
  /^(?:(?:none|nothing|n a|null|undefined)(?: (?:to|needs?|that needs)(?: \w+){1,6})?|no (?:corrections?|changes?|revisions?)(?: (?:is|are|needed|required|necessary)){0,2})?$/u;

/** Drops records whose correction is a remark that there is none, such as "Nothing to correct.", instead of a text. */
export const noCorrection: FilterDefinition = defineFilter({
  name: 'no-correction',
  description: 'Corrections that say that there is none.',
  params: z.strictObject({}),
  create: () => ({
    reject: ({ identity, aligned }) => (!identity && isNoCorrection(aligned) ? 'the correction says that there is none' : undefined),
  }),
});

/** Whether a correction is empty or says that there is nothing to correct. */
export function isNoCorrection(text: string): boolean {
  return none.test(wordsOf(text).join(' '));
}
