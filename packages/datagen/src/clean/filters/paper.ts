import { z } from 'zod';
import { defineFilter, type FilterDefinition } from './filter.js';
import { isGeneric } from './generic-critique.js';
import { wordSetCosine } from './similar-pair.js';

const leakedKeyword = /Input:|Response:|Corrector|As an AI language model/u;
const programming = /code|program|compute|formula/iu;
const notAscii = /[^\0-\x7f]/u;

/**
 * The rules of the paper's code (paper, section 3.1 and appendix), word for word and so coarser than the other filters: it drops
 * what is not ASCII, every `<`, and every prompt with "program" in it. Off by default, to repeat the paper's recipe.
 */
export const paper: FilterDefinition = defineFilter({
  name: 'paper',
  description: "The paper's own rules, coarser than the other filters.",
  params: z.strictObject({
    /** Also drops pairs of a cosine of 0.9 or more, as the paper does for inspectors. */
    forInspector: z.boolean().default(false),
  }),
  create: ({ forInspector }) => ({
    reject({ prompt, misaligned, critique, aligned, identity }) {
      if (aligned.includes('Nothing') || leakedKeyword.test(aligned)) return 'the correction holds "Nothing" or a keyword of the prompt';
      if (aligned.includes('<')) return 'the correction holds "<"';
      if (/^\s*(?:none\W*)?$/iu.test(aligned)) return 'there is no correction';
      if (programming.test(prompt)) return 'the prompt is about code';
      if (notAscii.test(aligned)) return 'the correction is not ASCII';
      if (!identity && isGeneric(critique)) return 'the critique would fit any response';
      return forInspector && !identity && wordSetCosine(misaligned, aligned) >= 0.9 ? 'response and correction have nearly the same words' : undefined;
    },
  }),
});
