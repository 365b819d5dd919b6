import { confusionAt, thresholdAtFalsePositiveRate } from '@align-squad/eval';
import type { Weights } from '@align-squad/train';
import type { CriterionId } from './examples.js';
import { fitLogistic, type FitRow } from './fit-logistic.js';
import { criteria } from './model.js';
import type { ScoredExample } from './score.js';

/** Platt scaling and thresholds of one head. */
export interface HeadCalibration {
  readonly calibration: { readonly scale: number; readonly bias: number };
  readonly threshold: number;
  /** P(misaligned) from which a sentence counts as faulty: best F0.5 on the calibration records; to change a sound sentence is worse than to miss a faulty one. */
  readonly sentenceThreshold: number;
}

interface Labelled {
  readonly logit: number;
  readonly label: 0 | 1;
}

/** Labelled logits of responses under one head: misaligned ones of the criterion against aligned ones of its records, identity and clean ones. */
function responseLogits(scored: readonly ScoredExample[], criterion: CriterionId): Labelled[] {
  const head = criteria.indexOf(criterion);
  return scored.flatMap(({ triple, example, logits }) => {
    const isRow = triple.criterion === criterion || triple.identity || triple.criterion === 'clean';
    return isRow ? [{ logit: logits[head] ?? 0, label: example.labels[criterion] === 1 ? 1 : 0 }] : [];
  });
}

/** Labelled logits of all responses that carry a label of the criterion, whatever their record's; `factual` only with a context. */
function labelledLogits(scored: readonly ScoredExample[], criterion: CriterionId): Labelled[] {
  const head = criteria.indexOf(criterion);
  return scored.flatMap(({ example, logits }) => {
    const label = example.labels[criterion];
    return label === undefined || !isJudged(criterion, example) ? [] : [{ logit: logits[head] ?? 0, label }];
  });
}

/** Labelled logits of sentences under one head, of misaligned responses that keep other sentences, and of aligned ones. */
function sentenceLogits(scored: readonly ScoredExample[], criterion: CriterionId): Labelled[] {
  const head = criteria.indexOf(criterion);
  return scored.flatMap(({ example, sentences }) => {
    if (!isJudged(criterion, example) || example.sentences?.weight !== 1) return [];
    return sentences.flatMap((logits, index) => {
      const label = example.sentences?.labels[index]?.[criterion];
      return label === undefined ? [] : [{ logit: logits[head] ?? 0, label }];
    });
  });
}

function isJudged(criterion: CriterionId, { exchange }: ScoredExample['example']): boolean {
  return criterion !== 'factual' || exchange.context !== undefined;
}

/** A part of the mix, scored by itself. */
export type MixedPart = 'deep' | 'wide' | 'sentence';

/** How much each part counts for responses, or for sentences, by logistic regression on the calibration records. */
export function fitMix(name: 'mix' | 'sentence_mix', parts: Readonly<Partial<Record<MixedPart, readonly ScoredExample[]>>>): Weights {
  const logitsOf = name === 'mix' ? responseLogits : sentenceLogits;
  const fitted = criteria.map((criterion) => {
    const columns = Object.values(parts).map((scored) => logitsOf(scored, criterion));
    const [labelled = []] = columns;
    return fitLogistic(labelled.map(({ label }, at): FitRow => ({ label, features: columns.map((column) => column[at]?.logit ?? 0) })));
  });
  const shareOf = (index: number): Float32Array => Float32Array.from(fitted, (weights) => Math.max(0, weights[index] ?? 0));
  return new Map(Object.keys(parts).map((part, index) => [`${name}.${part}`, { dims: [criteria.length], data: shareOf(index) }]));
}

/** Fits Platt scaling a head and sets its threshold for the target false-positive rate on aligned records. */
export function calibrateHeads(
  scored: readonly ScoredExample[],
  targetFalsePositiveRate: Readonly<Record<CriterionId, number>>,
): Record<CriterionId, HeadCalibration> {
  const entries = criteria.map((criterion) => {
    const rows = labelledLogits(scored, criterion);
    const [slope = 1, offset = 0] = fitLogistic(rows.map(({ logit, label }) => ({ features: [logit], label })));
    const calibration = { scale: round(Math.max(0.05, slope)), bias: round(offset) };
    const probabilityOf = ({ logit }: Labelled): number => 1 / (1 + Math.exp(-(calibration.scale * logit + calibration.bias)));
    const labels = rows.map(({ label }) => label === 1);
    const threshold = thresholdAtFalsePositiveRate(rows.map(probabilityOf), labels, targetFalsePositiveRate[criterion]);
    const sentences = sentenceLogits(scored, criterion);
    const sentenceThreshold = bestSentenceThreshold(sentences.map(probabilityOf), sentences.map(({ label }) => label === 1));
    return [criterion, { calibration, threshold: Math.min(1, round(threshold)), sentenceThreshold }] as const;
  });
  // Every criterion has an entry, by construction.
  return Object.fromEntries(entries) as Record<CriterionId, HeadCalibration>;
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
