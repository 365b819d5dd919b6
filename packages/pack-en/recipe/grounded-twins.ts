
import type { Random } from '@align-squad/core';
import { pick } from './corrupt.js';
import type { Triple } from './sources.js';
import { sentenceTexts } from './triple-units.js';

/**
 * Copies of a share of the records without a context, with one that their aligned response is drawn from: its own
 * sentences among those of another record's context. In the triples nearly all contexts belong to `factual`; without
 * such twins the other heads learn that a context means aligned.
 */
export function groundedTwins(triples: readonly Triple[], share: number, random: Random): Triple[] {
  const contexts = triples.flatMap(({ context }) => (context === null ? [] : [context]));
  return triples
    .filter(({ context, criterion }) => context === null && criterion !== 'factual')
    .filter(() => random.next() < share)
    .map((triple): Triple => {
      const other = sentenceTexts(pick(contexts, random) ?? '');
      return { ...triple, context: random.shuffle([...sentenceTexts(triple.aligned), ...other]).join(' ') };
    });
}
