import { fitLogistic } from './fit-logistic.js';
import { countBothLabels } from './scored.js';

/** P(positive) = sigmoid(scale * logit + bias). */
export interface PlattScaling {
  readonly scale: number;
  readonly bias: number;
}

/**
 * Fits a scale (the inverse of a temperature) and a bias to logits, with Platt's (1999) smoothed targets so that few items are
 * not overfitted. The scale may come out at 0 or below where the logits rank the wrong way.
 * @throws AlignSquadError `invalid-dataset` when a class is missing, lengths differ or a logit is not finite.
 */
export function fitPlattScaling(logits: readonly number[], labels: readonly boolean[]): PlattScaling {
  countBothLabels(logits, labels);
  const [scale = 1, bias = 0] = fitLogistic(logits.map((logit, index) => ({ features: [logit], label: labels[index] === true ? 1 : 0 })));
  return { scale, bias };
}

/** P(positive) of a logit. */
export function plattProbability(logit: number, { scale, bias }: PlattScaling): number {
  return 1 / (1 + Math.exp(-(scale * logit + bias)));
}
