import { createRandom } from '@align-squad/core';

/** A sparse vector: position `indices[i]` holds `values[i]`. */
export interface SparseVector {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** One vector with its label. */
export interface LogisticExample {
  readonly vector: SparseVector;
  readonly label: boolean;
  /** How much it counts. @default 1 */
  readonly weight?: number | undefined;
}

/** Resolved settings of `trainLogisticRegression`. */
export interface LogisticSettings {
  /** Weights of the model; every index of a vector is below it. */
  readonly size: number;
  readonly epochs: number;
  readonly learningRate: number;
  /** Weight decay on the weights that an example touches. */
  readonly l2: number;
  readonly seed: number;
}

/** Fits weights to examples by AdaGrad, one example at a time in a seeded order; the same input gives the same weights. */
export function trainLogisticRegression(
  examples: readonly LogisticExample[],
  settings: LogisticSettings,
): Float64Array {
  const weights = new Float64Array(settings.size);
  const squares = new Float64Array(settings.size).fill(1e-8);
  const random = createRandom(settings.seed);
  for (let epoch = 0; epoch < settings.epochs; epoch += 1) {
    for (const example of random.shuffle([...examples])) step(weights, squares, example, settings);
  }
  return weights;
}

/** The logit of P(label is true) of a vector. */
export function logit(weights: Float64Array, vector: SparseVector): number {
  let sum = 0;
  for (let at = 0; at < vector.indices.length; at += 1) {
    sum += (weights[vector.indices[at] ?? 0] ?? 0) * (vector.values[at] ?? 0);
  }
  return sum;
}

/** P(label is true) of a vector. */
export function logisticProbability(weights: Float64Array, vector: SparseVector): number {
  return 1 / (1 + Math.exp(-logit(weights, vector)));
}

function step(
  weights: Float64Array,
  squares: Float64Array,
  { vector, label, weight: count = 1 }: LogisticExample,
  { learningRate, l2 }: LogisticSettings,
): void {
  const error = logisticProbability(weights, vector) - (label ? 1 : 0);
  for (let at = 0; at < vector.indices.length; at += 1) {
    const index = vector.indices[at] ?? 0;
    const weight = weights[index] ?? 0;
    const gradient = error * (vector.values[at] ?? 0) + l2 * weight;
    // as if it were seen so often: a gradient that was scaled itself would be scaled back by its own square
    const square = (squares[index] ?? 0) + count * gradient * gradient;
    squares[index] = square;
    weights[index] = weight - (count * (learningRate * gradient)) / Math.sqrt(square);
  }
}
