import { z } from 'zod';
import { wordsOf } from '../fold-text.js';
import { defineFilter, type FilterDefinition } from './filter.js';

// Words of which a critique can be made that fits any response.
const stock: readonly string[] = (
  'a an the this that these it its and or but so also as at by for from in of on to with about into is are was be been being has have had do does did can could may might ' +
  'must should would will not no nor very too quite more most less least much many some any all enough rather just only really fully completely properly ' +
  'response answer reply text statement message assistant ai model user users person people question prompt request asker here there which what who one ' +
  'good bad better best worse worst wrong right correct incorrect inaccurate accurate false true fine okay poor ' +
  'ethical unethical moral immoral care caring careless uncaring polite impolite rude fair unfair biased bias harmful harmless offensive inappropriate appropriate ' +
  'factual fact facts grounded helpful unhelpful useful useless detail detailed details vague unclear clear clarify complete incomplete specific generic general ' +
  'problem problems problematic issue issues mistake mistakes error errors lacks lack lacking needs need improve improved improvement improving follow follows followed following ' +
  'violate violates violated violating break breaks meet meets fail fails principle principles criterion criteria standard standards rule rules contain contains give gives provide provides'
).split(' ');
const nothing = /^(?:none|nothing|no (?:problems?|issues?|mistakes?|errors?)|n a)?$/u;

/** Drops records whose critique would fit any response, so that nothing can be learnt from it; those that keep an aligned response are exempt. */
export const genericCritique: FilterDefinition = defineFilter({
  name: 'generic-critique',
  description: 'Critiques that would fit any response, or that find nothing.',
  params: z.strictObject({}),
  create(_, { criterion }) {
    const own = [criterion?.id ?? '', criterion?.title ?? '', ...(criterion?.principles ?? []).map(({ name }) => name)];
    const words = new Set([...stock, ...own.flatMap(wordsOf)]);
    return {
      reject({ identity, critique }) {
        if (identity) return undefined;
        if (nothing.test(wordsOf(critique).join(' '))) return 'the critique finds nothing';
        return isGeneric(critique, words) ? 'the critique would fit any response' : undefined;
      },
    };
  },
});

const stockWords: ReadonlySet<string> = new Set(stock);

/** Whether all words of a critique are stock words, such as "The response is not helpful." */
export function isGeneric(critique: string, words: ReadonlySet<string> = stockWords): boolean {
  return wordsOf(critique).every((word) => words.has(word));
}
