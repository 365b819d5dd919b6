import { splitSentences, type Random } from '@align-squad/core';
import type { ExchangeTokenIds } from '@align-squad/inspector';
import type { TextTokenizer } from '@align-squad/onnx';
import { readParagraphs, readTriples } from './sources.js';

/** Token ids of the sentences of one text. */
export type SentenceIds = number[][];

/** The pretraining texts in random order: textbooks, aligned answers of the triples twice, and a share of the novels. */
export async function pretrainingTexts(random: Random): Promise<string[]> {
  const triples = (await readTriples('train')).map(({ prompt, aligned }) => `${prompt} ${aligned}`);
  const novels = random.shuffle(await readParagraphs('text-novels')).slice(0, 20_000);
  return random.shuffle([...(await readParagraphs('text-openstax')), ...novels, ...triples, ...triples]);
}

/** Splits texts into sentences and tokenizes them as they are asked for. */
export function* tokenizeSentences(texts: Iterable<string>, tokenizer: TextTokenizer): Generator<SentenceIds> {
  for (const text of texts) {
    yield splitSentences(text.slice(0, 4000)).map(({ start, end }) => tokenizer.encode(text.slice(start, end).trim()));
  }
}

/**
 * Fills sequences of `length` ids with consecutive texts, laid out as exchanges: half of them as a response alone,
 * half with their first sentences as its context.
 */
export function* packSequences(texts: Iterable<SentenceIds>, special: ExchangeTokenIds, length: number, random: Random): Generator<number[]> {
  let sentences: number[][] = [];
  let used = 4;
  for (const text of texts) {
    for (const ids of text) {
      const sentence = ids.slice(0, length - 5);
      if (used + sentence.length + 1 > length) {
        yield layout(sentences, special, length, random);
        sentences = [];
        used = 4;
      }
      sentences.push(sentence);
      used += sentence.length + 1;
    }
  }
}

function layout(sentences: readonly number[][], special: ExchangeTokenIds, length: number, random: Random): number[] {
  const contextSentences = random.next() < 0.5 ? Math.floor(sentences.length / 2) : 0;
  const context = sentences.slice(0, contextSentences).flat();
  const response = sentences.slice(contextSentences).flatMap((ids) => [special.sentence, ...ids]);
  const ids = [special.start, special.separator, ...context, special.separator, ...response, special.separator];
  return [...ids.slice(0, length), ...Array.from({ length: Math.max(0, length - ids.length) }, () => special.pad)];
}
