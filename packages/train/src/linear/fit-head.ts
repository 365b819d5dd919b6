import { trainLogisticRegression, type LogisticExample } from './logistic-regression.js';

/** One row of features with its label. */
export interface HeadExample {
  readonly features: Float32Array;
  readonly label: boolean;
  /** Examples of one group stay on one side of a fold: responses to one prompt, for instance. */
  readonly group: string;
}

/** A linear head on plain features. */
export interface LinearHead {
  readonly weight: Float32Array;
  readonly bias: number;
}

/** A head, and what heads that never saw an example say of it. */
export interface FittedHead extends LinearHead {
  /** A logit an example, in order, from the fold that it was left out of. */
  readonly outOfFold: readonly number[];
}

const folds = 5;
const settings = { epochs: 40, learningRate: 0.1 } as const;
const decays = [0.0003, 0.003, 0.03] as const;

/** Fits a logistic head; its weight decay is the one of three that ranks left-out examples best, judged by `score`. */
export function fitHead(
  examples: readonly HeadExample[],
  options: { readonly seed: number; readonly score: (logits: readonly number[], labels: readonly boolean[]) => number },
): FittedHead {
  const labels = examples.map(({ label }) => label);
  const tried = decays.map((l2) => {
    const outOfFold = crossValidate(examples, { l2, seed: options.seed });
    return { l2, outOfFold, score: options.score(outOfFold, labels) };
  });
  const best = tried.reduce((held, next) => (next.score > held.score ? next : held));
  return { ...fit(examples, { l2: best.l2, seed: options.seed }), outOfFold: best.outOfFold };
}

interface FitOptions {
  readonly l2: number;
  readonly seed: number;
}

function crossValidate(examples: readonly HeadExample[], options: FitOptions): number[] {
  const groups = [...new Set(examples.map(({ group }) => group))].sort();
  const foldOf = new Map(groups.map((group, index) => [group, index % folds]));
  const heads = Array.from({ length: folds }, (_, fold) => fit(examples.filter(({ group }) => foldOf.get(group) !== fold), options));
  return examples.map(({ features, group }) => {
    const head = heads[foldOf.get(group) ?? 0];
    return head === undefined ? 0 : logitOf(head, features);
  });
}

/** The logit that a head gives to features. */
export function logitOf({ weight, bias }: LinearHead, features: Float32Array): number {
  return features.reduce((sum, value, at) => sum + value * (weight[at] ?? 0), bias);
}

/** Fits on standardised features and takes the standardisation into the weights. */
function fit(examples: readonly HeadExample[], { l2, seed }: FitOptions): LinearHead {
  const width = examples[0]?.features.length ?? 0;
  const { mean, deviation } = moments(examples, width);
  const indices = Uint32Array.from({ length: width + 1 }, (_, at) => at);
  const vectors = examples.map(({ features, label }): LogisticExample => ({
    label,
    vector: { indices, values: Float32Array.from(indices, (at) => (at === width ? 1 : ((features[at] ?? 0) - (mean[at] ?? 0)) / (deviation[at] ?? 1) / Math.sqrt(width))) },
  }));
  const fitted = trainLogisticRegression(vectors, { size: width + 1, ...settings, l2, seed });
  const weight = Float32Array.from({ length: width }, (_, at) => (fitted[at] ?? 0) / (deviation[at] ?? 1) / Math.sqrt(width));
  const shift = weight.reduce((sum, value, at) => sum + value * (mean[at] ?? 0), 0);
  return { weight, bias: (fitted[width] ?? 0) - shift };
}

function moments(examples: readonly HeadExample[], width: number): { readonly mean: Float64Array; readonly deviation: Float64Array } {
  const mean = new Float64Array(width);
  const deviation = new Float64Array(width);
  for (const { features } of examples) features.forEach((value, at) => (mean[at] = (mean[at] ?? 0) + value / examples.length));
  for (const { features } of examples) {
    features.forEach((value, at) => (deviation[at] = (deviation[at] ?? 0) + (value - (mean[at] ?? 0)) ** 2 / examples.length));
  }
  // A feature that never changes says nothing; dividing it by its own deviation would.
  return { mean, deviation: deviation.map((value) => (value < 1e-12 ? Infinity : Math.sqrt(value))) };
}
