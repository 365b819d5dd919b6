import { z } from 'zod';
import { wordsOf } from '../fold-text.js';
import { defineFilter, generatedTexts, type FilterDefinition } from './filter.js';

const params = z.strictObject({
  /** Words of the run whose repetition counts. */
  ngramWords: z.int().min(1).max(10).default(3),
  /** Share of the words that one run may make up with its repetitions, in (0, 1]. */
  maxRepeatedShare: z.number().gt(0).max(1).default(0.3),
  /** Share of the characters, spaces aside, that may be no letters, in (0, 1]. */
  maxNonLetterShare: z.number().gt(0).max(1).default(0.6),
  /** Words from which a response or correction needs an end. */
  minWordsForEnd: z.int().min(1).default(8),
});

const fewestRepetitions = 4;
const fewestCharacters = 20;

/** Drops texts that are empty, go round in circles, are mostly no letters, or break off (noise filter of SELF-GUIDE). */
export const noise: FilterDefinition = defineFilter({
  name: 'noise',
  description: 'Texts that are empty, repeat themselves, are mostly no letters, or break off.',
  params,
  create: ({ ngramWords, maxRepeatedShare, maxNonLetterShare, minWordsForEnd }) => ({
    reject(record) {
      for (const text of generatedTexts(record)) {
        if (text.trim() === '') return 'a text is empty';
        if (repeatedShare(text, ngramWords) > maxRepeatedShare) return 'a text repeats itself';
        if (nonLetterShare(text) > maxNonLetterShare) return 'a text is mostly no letters';
      }
      const breaksOff = [record.misaligned, record.aligned].some((text) => wordsOf(text).length >= minWordsForEnd && !hasEnd(text));
      return breaksOff ? 'a text breaks off' : undefined;
    },
  }),
});

/** Share of a text's words that its most frequent run of `size` words covers, in [0, 1]; 0 below four repetitions. */
export function repeatedShare(text: string, size: number): number {
  const words = wordsOf(text);
  const counts = new Map<string, number>();
  let most = 0;
  for (let start = 0; start + size <= words.length; start++) {
    const run = words.slice(start, start + size).join(' ');
    const count = (counts.get(run) ?? 0) + 1;
    counts.set(run, count);
    most = Math.max(most, count);
  }
  return most < fewestRepetitions ? 0 : Math.min(1, (most * size) / words.length);
}

function nonLetterShare(text: string): number {
  const characters = text.replace(/[\s\p{M}]+/gu, '').length;
  return characters < fewestCharacters ? 0 : 1 - text.replace(/[^\p{L}]+/gu, '').length / characters;
}

// The end of a letter, on the last line or on one of its own.
const signature = /(?:regards|wishes|sincerely|yours|thanks|cheers|love|warmly)[^.!?\n]{0,60}$/iu;
const ownLine = /\n\s*\p{Lu}\S*(?: \S+){0,4}$/u;
const listItem = /^\s*(?:[-*•|]|\d+[.)])\s/u;
// Thai and its neighbours end sentences without a mark.
const endsWithoutMark = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]$/u;

/** Whether a text ends as a sentence, a list, a letter, a quotation or a block of code does. */
export function hasEnd(text: string): boolean {
  const trimmed = text.trim();
  const lastLine = trimmed.slice(trimmed.lastIndexOf('\n') + 1);
  const tail = trimmed.slice(-100);
  // An emoji may be followed by signs that change how it looks.
  const end = lastLine.slice(-20).replace(/[\p{M}\u200d]+$/u, '');
  if (signature.test(tail) || ownLine.test(tail)) return true;
  return listItem.test(lastLine) || endsWithoutMark.test(lastLine) || /[\p{P}\p{S}](?<![,:;([{<«¿¡+=&–—-])$/u.test(end);
}
