import type { Exchange } from '@align-squad/core';
import type { criteria } from './model.js';

/** Id of a head. */
export type CriterionId = (typeof criteria)[number];

/** What is known of one response: labels by criterion, 1 misaligned; unlabelled criteria are left out. */
export interface Example {
  readonly exchange: Exchange;
  readonly labels: Partial<Record<CriterionId, 0 | 1>>;
  /** How much the labels count. */
  readonly weight: number;
  /** Labels of the response's sentences, in order; undefined where unknown. */
  readonly sentences?: { readonly labels: readonly (SentenceLabel | undefined)[]; readonly weight: number } | undefined;
}

/** Labels of one sentence by criterion. */
export type SentenceLabel = Partial<Record<CriterionId, 0 | 1>>;

/** Two examples that are trained side by side; with `ranked`, the first is worse than the second under that criterion. */
export interface Unit {
  readonly first: Example;
  readonly second: Example;
  readonly ranked?: CriterionId | undefined;
}

/** Aligned for every criterion. */
export const allAligned: Partial<Record<CriterionId, 0>> = { ethical: 0, factual: 0, helpful: 0 };
