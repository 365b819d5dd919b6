import { diffWords, joinWords, splitWords } from './edit-words.js';

/** A tag of a word is `operation + 2 * phrase`, with phrase 0 for none and n for `phrases[n - 1]`, put before the word. */
export const editOperation = { keep: 0, delete: 1 } as const;

/** A text before and after its correction. */
export interface TextPair {
  readonly before: string;
  readonly after: string;
}

/** A correction as tags: one a word of the text before, and one for the end, which carries a phrase after the last word. */
export interface EditTags {
  readonly words: string[];
  readonly tags: number[];
}

/** How many tags there are with this many phrases. */
export function countEditTags(phrases: number): number {
  return 2 * (phrases + 1);
}

/**
 * The `size` phrases that corrections add most often, the most frequent first, equal ones in order of their characters
 * (LaserTagger, Malmi et al. 2019, section 3.1). A phrase is all that is added at one place, white space included.
 */
export function learnPhrases(pairs: readonly TextPair[], size: number): string[] {
  const counts = new Map<string, number>();
  for (const { before, after } of pairs) {
    for (const { added } of diffWords(splitWords(before), splitWords(after)) ?? []) {
      if (added !== '') counts.set(added, (counts.get(added) ?? 0) + 1);
    }
  }
  return [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, size)
    .map(([phrase]) => phrase);
}

/**
 * The tags that turn `before` into `after`, one more than there are words; undefined where they can't, for want of a
 * phrase, or for texts that differ over too long a stretch.
 */
export function toEditTags(before: string, after: string, phrases: readonly string[]): EditTags | undefined {
  const words = splitWords(before);
  const gaps = diffWords(words, splitWords(after));
  if (gaps === undefined) return undefined;
  const tags = new Array<number>(words.length + 1).fill(editOperation.keep);
  for (const { start, end, added } of gaps) {
    const phrase = added === '' ? 0 : phrases.indexOf(added) + 1;
    if (added !== '' && phrase === 0) return undefined;
    tags.fill(editOperation.delete, start, end);
    tags[start] = (tags[start] ?? 0) + 2 * phrase;
  }
  // The space that leads a text is told from its own only where the first word is kept.
  return applyEditTags(words, tags, phrases) === after ? { words, tags } : undefined;
}

/**
 * The text that tags make of words. `tags` may go on with one for the end, whose operation does not count; a word
 * without a tag is kept, and a phrase that does not exist is none.
 */
export function applyEditTags(words: readonly string[], tags: readonly number[], phrases: readonly string[]): string {
  const pieces = Array.from({ length: words.length + 1 }, (_, index) => {
    const tag = tags[index] ?? editOperation.keep;
    const phrase = phrases[(tag >> 1) - 1] ?? '';
    return tag % 2 === editOperation.delete ? phrase : phrase + (words[index] ?? '');
  });
  return joinWords(pieces);
}
