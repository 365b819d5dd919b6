import { criterionSchema, type Criterion } from '@align-squad/core';
import { z } from 'zod';
import type { ServedCriterion } from './define-inspector.js';

/** Schema of the criteria of an inspector: at least one, each id once. */
export const criteriaSchema: z.ZodType<readonly Criterion[]> = z
  .array(criterionSchema)
  .min(1)
  .refine((criteria) => new Set(criteria.map(({ id }) => id)).size === criteria.length);

/** Schema of P(misaligned) from which an exchange is flagged, by criterion id. */
export const thresholdsSchema: z.ZodType<Readonly<Record<string, number>>> = z.record(z.string(), z.number().min(0).max(1));

/** A criterion as text, to be judged by. */
export interface TextCriterion extends ServedCriterion {
  readonly criterion: Criterion;
}

/** Criteria with the thresholds that were given for them, otherwise their own. */
export function textCriteria(criteria: readonly Criterion[], thresholds: Readonly<Record<string, number>> = {}): TextCriterion[] {
  return criteria.map((criterion) => ({
    id: criterion.id,
    threshold: thresholds[criterion.id] ?? criterion.threshold,
    needsContext: criterion.needsContext,
    criterion,
  }));
}
