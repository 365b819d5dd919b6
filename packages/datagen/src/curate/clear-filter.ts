import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { Triple } from '../records/records.js';
import type { ClearReflection, ClearSample } from './clear-evidence.js';
import { groupBy, meanOf } from './group-by.js';
import { observedConsistency, type TextSimilarity } from './token-similarity.js';

/** What the confidence of records is made of. */
export interface ClearEvidence {
  readonly samples: readonly ClearSample[];
  readonly reflections: readonly ClearReflection[];
}

/** Options of `clearConfidences`. */
export interface ClearConfidenceOptions {
  /** Weight of the consistency, in [0, 1]; the certainty has the rest. @default 0.7 (BSDetector) */
  readonly consistencyWeight?: number | undefined;
  /** Compares a sampled correction with the recorded one, such as by an entailment model. @default tokenSimilarity */
  readonly similarity?: TextSimilarity | undefined;
}

/** A record with the confidence in its correction; a part is undefined when the model gave no readable answer about it. */
export interface ScoredTriple {
  readonly record: Triple;
  readonly consistency: number | undefined;
  readonly certainty: number | undefined;
  /** In [0, 1]. */
  readonly confidence: number | undefined;
}

const confidenceSchema: z.ZodType<ClearConfidenceOptions> = z.strictObject({
  consistencyWeight: z.number().min(0).max(1).optional(),
  similarity: z.custom<TextSimilarity>((value) => typeof value === 'function').optional(),
});

/**
 * The confidence in each record: `weight * consistency + (1 - weight) * certainty` (CLEAR, 2403.12776, Auto-Filter, by the formula
 * of BSDetector, 2308.16175, Overall Confidence). Without one of the two parts there is none.
 * @throws AlignSquadError `invalid-options` naming the faulty fields.
 */
export function clearConfidences(records: readonly Triple[], { samples, reflections, ...options }: ClearEvidence & ClearConfidenceOptions): ScoredTriple[] {
  const { consistencyWeight = 0.7, similarity } = parseWith(confidenceSchema, options, { what: 'options of CLEAR confidences', code: 'invalid-options' });
  const samplesOf = groupBy(samples, ({ recordId }) => recordId);
  const reflectionsOf = groupBy(reflections, ({ recordId }) => recordId);
  return records.map((record) => {
    const consistency = observedConsistency(record.aligned, (samplesOf.get(record.id) ?? []).map(({ correction }) => correction), similarity);
    const certainty = meanOf((reflectionsOf.get(record.id) ?? []).map((reflection) => reflection.certainty));
    const confidence = consistency === undefined || certainty === undefined ? undefined : consistencyWeight * consistency + (1 - consistencyWeight) * certainty;
    return { record, consistency, certainty, confidence };
  });
}

/** What `clearFilter` did. */
export interface ClearFilterReport {
  readonly threshold: number;
  readonly kept: number;
  /** Records below the threshold. */
  readonly dropped: number;
  /** Records without a confidence, which are dropped too. */
  readonly unknown: number;
}

const filterSchema: z.ZodType<{ readonly threshold?: number | undefined }> = z.strictObject({ threshold: z.number().min(0).max(1).optional() });

/**
 * Keeps the records whose confidence is at least `threshold` (CLEAR, 2403.12776, Auto-Filter).
 * @param options `threshold` in [0, 1]. @default the median of all confidences
 * @throws AlignSquadError `invalid-options` for a threshold outside of [0, 1].
 */
export function clearFilter(
  scored: readonly ScoredTriple[],
  options: { readonly threshold?: number | undefined } = {},
): { readonly records: readonly Triple[]; readonly report: ClearFilterReport } {
  const { threshold: given } = parseWith(filterSchema, options, { what: 'options of the CLEAR filter', code: 'invalid-options' });
  const known = scored.filter((item): item is ScoredTriple & { readonly confidence: number } => item.confidence !== undefined);
  const threshold = given ?? medianOf(known.map(({ confidence }) => confidence));
  const records = known.filter(({ confidence }) => confidence >= threshold).map(({ record }) => record);
  return { records, report: { threshold, kept: records.length, dropped: known.length - records.length, unknown: scored.length - known.length } };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[sorted.length / 2 - 1] ?? 0) + upper) / 2;
}
