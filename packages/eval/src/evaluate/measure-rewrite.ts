import type { AlignResult } from '@align-squad/squad';
import type { EvaluationRow } from '../data/evaluation-rows.js';
import { charactersKept } from '../metrics/characters-kept.js';
import { editDistance } from '../metrics/edit-distance.js';
import { meanOf, shareOf } from '../metrics/or-null.js';
import { goodSentencesKept, viewpointsKept, type SentenceCount, type ViewpointOptions } from '../metrics/sentences.js';
import { distinctShare } from '../metrics/words.js';

/** How much of one text its rewrite kept. */
export interface RewriteMeasures {
  readonly original: string;
  readonly response: string;
  readonly charactersKept: number;
  readonly editDistance: number;
  /** Undefined without a reference. */
  readonly goodSentences?: SentenceCount | undefined;
  /** Undefined without a reference. */
  readonly viewpoints?: SentenceCount | undefined;
}

/** How much of the texts that end `aligned` their rewrites kept; null where there is nothing to measure. */
export interface RewriteMetrics {
  readonly texts: number;
  /** Mean share of the characters of the original that are still there. */
  readonly charactersKept: number | null;
  /** Mean Levenshtein distance over the longer length. */
  readonly editDistance: number | null;
  /** Share of the sentences that the reference has word for word which the rewrite has too, over all texts. */
  readonly goodSentencesKept: number | null;
  /** Sentences that `goodSentencesKept` is a share of. */
  readonly goodSentences: number;
  /** Share of the sentences that are not at fault which the rewrite still states, over all texts. */
  readonly viewpointsKept: number | null;
  /** Sentences that `viewpointsKept` is a share of. */
  readonly viewpoints: number;
  /** Distinct pairs of words (distinct-2) of the rewrites over that of their originals. */
  readonly diversityKept: number | null;
}

/** Measures a rewrite; an aligned text is its own reference. */
export async function measureRewrite(row: EvaluationRow, { original, response }: AlignResult, isMisaligned: boolean, options: ViewpointOptions): Promise<RewriteMeasures> {
  const reference = isMisaligned ? row.reference : original;
  const measures = { original, response, charactersKept: charactersKept(original, response), editDistance: editDistance(original, response) };
  if (reference === undefined) return measures;
  return {
    ...measures,
    goodSentences: goodSentencesKept(original, reference, response),
    viewpoints: await viewpointsKept(original, reference, response, options),
  };
}

/** Sums up rewrites. */
export function summariseRewrites(rewrites: readonly RewriteMeasures[]): RewriteMetrics {
  const good = sumOf(rewrites.flatMap(({ goodSentences }) => goodSentences ?? []));
  const viewpoints = sumOf(rewrites.flatMap((rewrite) => rewrite.viewpoints ?? []));
  const [before, after] = [distinctShare(rewrites.map(({ original }) => original)), distinctShare(rewrites.map(({ response }) => response))];
  return {
    texts: rewrites.length,
    charactersKept: meanOf(rewrites.map((rewrite) => rewrite.charactersKept)),
    editDistance: meanOf(rewrites.map((rewrite) => rewrite.editDistance)),
    goodSentencesKept: shareOf(good.kept, good.of),
    goodSentences: good.of,
    viewpointsKept: shareOf(viewpoints.kept, viewpoints.of),
    viewpoints: viewpoints.of,
    diversityKept: before === null || after === null ? null : after / before,
  };
}

function sumOf(counts: readonly SentenceCount[]): SentenceCount {
  return counts.reduce((sum, { kept, of }) => ({ kept: sum.kept + kept, of: sum.of + of }), { kept: 0, of: 0 });
}
