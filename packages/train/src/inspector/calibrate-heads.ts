import { confusionAt, fitLogistic, thresholdAtFalsePositiveRate } from '@align-squad/eval';
import { headLogits, sentenceLogits, type LabelledLogit } from './labelled-logits.js';
import type { ScoredExchange } from './score-exchanges.js';

/** Platt scaling and thresholds of one head. */
export interface HeadCalibration {
  /** P(misaligned) = sigmoid(scale * logit + bias) (Platt 1999). */
  readonly calibration: { readonly scale: number; readonly bias: number };
  /** P(misaligned) from which a response is flagged. */
  readonly threshold: number;
  /** P(misaligned) from which a sentence counts as faulty, where sentences are labelled: to change a sound one is worse than to miss a faulty one (F0.5). */
  readonly sentenceThreshold?: number | undefined;
}

const smallestScale = 0.05;

/** Fits Platt scaling to a head's labelled responses and sets its threshold for a share of flagged aligned responses. */
export function calibrateHead(scored: readonly ScoredExchange[], criterion: string, head: number, falsePositiveRate: number): HeadCalibration {
  const rows = headLogits(scored, criterion, head);
  const [slope = 1, offset = 0] = fitLogistic(rows.map(({ logit, label }) => ({ features: [logit], label })));
  const calibration = { scale: round(Math.max(smallestScale, slope)), bias: round(offset) };
  const probabilityOf = ({ logit }: LabelledLogit): number => 1 / (1 + Math.exp(-(calibration.scale * logit + calibration.bias)));
  const probabilities = rows.map(probabilityOf);
  const threshold = thresholdAtFalsePositiveRate(probabilities, rows.map(({ label }) => label === 1), falsePositiveRate);
  const sentences = sentenceLogits(scored, criterion, head);
  const isTaught = sentences.some(({ label }) => label === 1) && sentences.some(({ label }) => label === 0);
  const sentenceThreshold = isTaught ? bestSentenceThreshold(sentences.map(probabilityOf), sentences.map(({ label }) => label === 1)) : undefined;
  return { calibration, threshold: Math.min(1, round(threshold)), ...(sentenceThreshold === undefined ? {} : { sentenceThreshold }) };
}

function bestSentenceThreshold(scores: readonly number[], labels: readonly boolean[]): number {
  const thresholds = Array.from({ length: 98 }, (_, step) => (step + 1) / 100);
  const reached = thresholds.map((threshold) => {
    const { truePositives, falsePositives, falseNegatives } = confusionAt(threshold, scores, labels);
    return { threshold, value: (1.25 * truePositives) / (1.25 * truePositives + 0.25 * falseNegatives + falsePositives) };
  });
  return reached.reduce((best, next) => (next.value > best.value ? next : best)).threshold;
}

function round(value: number): number {
  return Number(value.toFixed(5));
}
