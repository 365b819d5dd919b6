import { z } from 'zod';
import { wordsOf } from '../fold-text.js';
import { defineFilter, generatedTexts, type FilterDefinition } from './filter.js';

const english = setOf(
  'a an the this that these those it its i you he she we they me him her us them my your his our their who what which when where why how ' +
  'is are was were be been being am have has had do does did can could will would should may might must not no of to in on at by for with from into ' +
  'about over after before than then and or but so if as because while there here up out off all any some each more most just only don\'t it\'s i\'m',
);
// Words that English does not have; enough to tell neighbours apart, not to name a language.
const others: readonly ReadonlySet<string>[] = [
  setOf('der das und ist nicht ein eine einen zu mit auf für sich dem den wie auch wenn sie ich wird aus bei oder sind kann'),
  setOf('le les des et est une pour dans que qui pas vous sur avec ce sont du nous mais comme votre être je est-ce'),
  setOf('el los las que y es una por con se del lo como su pero más este está al muy qué un'),
  setOf('il di che è una non con sono del si della le anche più questo ma alla gli un'),
  setOf('os que é uma com não da em se por mais como dos das você mas ao seu um'),
  setOf('het een en niet dat te zijn voor er maar om ook als aan bij naar je wordt uw van'),
];

/** Drops texts in another script or language than English. A guess, not a detector: see `isLikelyEnglish`. */
export const language: FilterDefinition = defineFilter({
  name: 'language',
  description: 'Texts that do not look English by script and stop words, a rough guess.',
  params: z.strictObject({
    /** Share of the letters that must be Latin, in [0, 1]. */
    minLatinShare: z.number().min(0).max(1).default(0.8),
    /** Share of the words that must be English stop words in texts of 20 words or more, in [0, 1]. */
    minStopWordShare: z.number().min(0).max(1).default(0.05),
  }),
  create: (options) => ({
    reject: (record) => (generatedTexts(record).every((text) => isLikelyEnglish(text, options)) ? undefined : 'a text does not look English'),
  }),
});

/** Options of `isLikelyEnglish`. */
export interface EnglishOptions {
  readonly minLatinShare: number;
  readonly minStopWordShare: number;
}

/**
 * Whether a text may be English, by the script of its letters and by stop words of English and six of its neighbours (German, French,
 * Spanish, Italian, Portuguese, Dutch). Texts of fewer than 20 words pass unless two or more stop words speak for a neighbour; word
 * lists, code and mixed texts are judged badly, and languages of the same script that are not listed pass when they are short.
 */
export function isLikelyEnglish(text: string, { minLatinShare, minStopWordShare }: EnglishOptions): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  if (letters > 0 && latin / letters < minLatinShare) return false;
  // Numbers speak for no language.
  const words = wordsOf(text).filter((word) => !/\d/u.test(word));
  const hits = countIn(words, english);
  const mostOther = Math.max(...others.map((stopWords) => countIn(words, stopWords)));
  if (mostOther >= 2 && mostOther > hits) return false;
  return words.length < 20 || hits / words.length >= minStopWordShare;
}

function countIn(words: readonly string[], stopWords: ReadonlySet<string>): number {
  return words.reduce((count, word) => count + (stopWords.has(word) ? 1 : 0), 0);
}

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}
