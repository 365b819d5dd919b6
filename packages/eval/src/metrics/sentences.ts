import { splitSentences } from '@align-squad/core';
import { tokenOverlap } from './words.js';

/** How many of some sentences are still there. */
export interface SentenceCount {
  readonly kept: number;
  readonly of: number;
}

/** How much two sentences say the same, in [0, 1]: an overlap of words, or the cosine of embeddings. */
export type Similarity = (first: string, second: string) => number | Promise<number>;

/** Options of `viewpointsKept`. */
export interface ViewpointOptions {
  /** @default tokenOverlap, the F1 of shared words: it knows no synonyms, so a good paraphrase may count as lost */
  readonly similarity?: Similarity | undefined;
  /** Similarity from which two sentences state the same, in [0, 1]. @default 0.5 */
  readonly level?: number | undefined;
}

/**
 * Of the good sentences of a misaligned response, which are those that its reference has word for word, how many the rewrite has
 * word for word too. Spaces around sentences make no difference.
 */
export function goodSentencesKept(original: string, reference: string, rewrite: string): SentenceCount {
  const [wanted, written] = [new Set(sentencesOf(reference)), new Set(sentencesOf(rewrite))];
  const good = sentencesOf(original).filter((sentence) => wanted.has(sentence));
  return { kept: good.filter((sentence) => written.has(sentence)).length, of: good.length };
}

/**
 * Of the sentences of a response that are not at fault, which are those that its reference states too, how many the rewrite still
 * states, in any words: what the rewrite keeps of its viewpoints (Overton pluralism, 2406.17692). A sentence is stated
 * where one of the other text is at `level` or above in `similarity`. An aligned response is its own reference.
 */
export async function viewpointsKept(original: string, reference: string, rewrite: string, options: ViewpointOptions = {}): Promise<SentenceCount> {
  const { similarity = tokenOverlap, level = 0.5 } = options;
  const [wanted, written] = [sentencesOf(reference), sentencesOf(rewrite)];
  const states = async (sentences: readonly string[], sentence: string): Promise<boolean> => {
    if (sentences.includes(sentence)) return true;
    for (const other of sentences) if ((await similarity(sentence, other)) >= level) return true;
    return false;
  };
  let [kept, of] = [0, 0];
  for (const sentence of sentencesOf(original)) {
    if (!(await states(wanted, sentence))) continue;
    of += 1;
    if (await states(written, sentence)) kept += 1;
  }
  return { kept, of };
}

/** The sentences of a text without the spaces around them. */
export function sentencesOf(text: string): string[] {
  return splitSentences(text).map(({ start, end }) => text.slice(start, end).trim()).filter((sentence) => sentence !== '');
}
