import { AlignSquadError } from '@align-squad/core';
import { overlappingPieces } from '../text/overlapping-pieces.js';
import { shortenMiddle } from '../text/shorten-middle.js';
import type { Classifier, ClassifierInput } from './load-classifier.js';

/** What windows are cut by. */
export interface WindowOptions {
  /** Most tokens of an input. */
  readonly maxTokens: number;
  /** First text of each window; of a longer one than half of a window the start and the end are kept. @default none */
  readonly prompt?: string | undefined;
}

// Characters that a token may stand for before it is worth counting.
const mostCharactersPerToken = 32;

/**
 * Inputs of a classifier that cover the whole response, overlapping where there are several, each with the prompt before
 * it. They are made as they are asked for.
 * @throws AlignSquadError `model-invalid` when no window can hold a piece of the response.
 */
export function* classifierWindows(
  classifier: Pick<Classifier, 'countTokens'>,
  response: string,
  { maxTokens, prompt }: WindowOptions,
): Generator<ClassifierInput, void, undefined> {
  const count = (text: string): number => classifier.countTokens({ first: text }, { withFrame: false });
  const inputOf = (text: string, first?: string): ClassifierInput => (first === undefined ? { first: text } : { first, second: text });
  const room = maxTokens - classifier.countTokens(inputOf('', prompt === undefined ? undefined : ''));
  const question = prompt === undefined ? undefined : shortenToTokens(prompt, room >> 1, count);
  const fits = (text: string): boolean => classifier.countTokens(inputOf(text, question)) <= maxTokens;

  function* cut(text: string, most: number): Generator<ClassifierInput, void, undefined> {
    for (const { start, end } of overlappingPieces(text, { room: most, sizeOf: count })) {
      const piece = text.slice(start, end);
      // Tokens of a piece can be more than those of its sentences.
      if (fits(piece)) yield inputOf(piece, question);
      else if (most > 1) yield* cut(piece, most >> 1);
      else throw new AlignSquadError(`Expected the classifier to take more than ${maxTokens} tokens; set \`maxTokens\`.`, { code: 'model-invalid' });
    }
  }
  yield* cut(response, room - (question === undefined ? 0 : count(question)));
}

function shortenToTokens(text: string, most: number, count: (text: string) => number): string {
  let characters = Math.min(text.length, most * mostCharactersPerToken);
  for (;;) {
    const short = shortenMiddle(text, characters);
    const tokens = count(short);
    if (tokens <= most || characters === 0) return short;
    characters = Math.floor(characters * Math.min(0.9, most / tokens));
  }
}
