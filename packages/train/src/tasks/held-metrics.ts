import type { Weights } from '../models/weights.js';
import type { TrainBatch } from '../trainer/train-batch.js';
import type { AlignerDesign } from './aligner-settings.js';
import type { LossEvaluator } from './loss-evaluator.js';

/** What weights reach on held-out records. */
export interface HeldMetrics {
  /** Mean by what each batch counts. */
  readonly loss: number;
  /** Share of the records that greedy decoding, or the likeliest tags, get right to the letter; none for preferences. */
  readonly exact?: number;
}

/** Loss, and exact share where the graph gives it, over batches. */
export async function heldMetrics<Shape>(evaluator: LossEvaluator<Shape>, batches: readonly TrainBatch<Shape>[], weights: Weights): Promise<HeldMetrics> {
  const sums = { loss: 0, weight: 0, exact: 0, records: 0 };
  for (const batch of batches) {
    const weight = batch.weight ?? 1;
    const { loss, exact } = await evaluator.evaluate(batch, weights);
    sums.loss += (loss?.[0] ?? 0) * weight;
    sums.weight += weight;
    if (!exact) continue;
    // Rows behind those of the records only fill the batch up.
    sums.exact += exact.slice(0, batch.records.length).reduce((sum, value) => sum + value, 0);
    sums.records += batch.records.length;
  }
  const loss = sums.loss / Math.max(1e-6, sums.weight);
  return sums.records === 0 ? { loss } : { loss, exact: sums.exact / sums.records };
}

/**
 * Higher is better. A tagger's loss goes up again from tags that it is wrongly sure of, while more of its edits become
 * right: exact records decide, and the loss between equals.
 */
export function scoreOf(design: AlignerDesign, { loss, exact = 0 }: HeldMetrics): number {
  return design === 'edit-tagger' ? exact - loss / 1000 : -loss;
}
