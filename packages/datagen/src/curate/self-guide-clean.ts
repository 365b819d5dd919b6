import type { Criterion } from '@align-squad/core';
import { cleanTriples, type CleanedTriples, type FilterSelection } from '../clean/clean-triples.js';
import { wordsOf } from '../clean/fold-text.js';
import type { Triple } from '../records/records.js';

const fewestTexts = 4;

/**
 * The noise and length filters of SELF-GUIDE (2407.12874, Quality Optimization) for `cleanTriples`, with lengths that fit the
 * demonstrations' responses and corrections: mean and two standard deviations, at least half and double the mean, since few
 * demonstrations tell little of the spread. Below two demonstrations the bounds are those of the filter.
 */
export function selfGuideFilters({ demonstrations }: Pick<Criterion, 'demonstrations'>): FilterSelection[] {
  const lengths = demonstrations.flatMap(({ response, correction }) => [wordsOf(response).length, wordsOf(correction).length]);
  if (lengths.length < fewestTexts) return ['noise', 'length'];
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const deviation = Math.sqrt(lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0) / lengths.length);
  const minWords = Math.max(1, Math.floor(Math.min(mean - 2 * deviation, mean / 2)));
  const maxWords = Math.ceil(Math.max(mean + 2 * deviation, 2 * mean));
  return ['noise', { name: 'length', minWords, maxWords }];
}

/** Options of `selfGuideClean`. */
export interface SelfGuideCleanOptions {
  readonly criterion: Criterion;
  readonly signal?: AbortSignal | undefined;
}

/** Passes records that the student made through `selfGuideFilters`. */
export function selfGuideClean(records: AsyncIterable<Triple> | Iterable<Triple>, { criterion, signal }: SelfGuideCleanOptions): CleanedTriples {
  return cleanTriples(records, { filters: selfGuideFilters(criterion), criterion, signal });
}
