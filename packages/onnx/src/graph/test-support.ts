import { createSession } from '../session/session.js';
import type { Tensor } from '../session/tensor.js';
import type { GraphBuilder } from './builder.js';
import { writeModel } from './write-model.js';

/** Builds the model with the given outputs and runs it once. */
export async function runGraph(
  graph: GraphBuilder,
  outputs: readonly string[],
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  await using session = await createSession(writeModel(graph.model(outputs)));
  return session.run(inputs);
}

/** The numbers of a tensor. */
export function numbersOf(tensor: Tensor | undefined): number[] {
  return Array.from(tensor?.data ?? [], Number);
}

/** Repeatable numbers between `from` and `to`, evenly spread so that no two are close, in a mixed order. */
export function spreadNumbers(count: number, from = -1, to = 1, seed = 0): Float32Array {
  const order = Array.from({ length: count }, (_, index) => ({ index, key: Math.sin((index + 1) * 12.9898 + seed * 78.233) * 43758.5453 % 1 }));
  order.sort((a, b) => a.key - b.key);
  // Never on the middle, where many functions have a kink.
  return Float32Array.from(order, ({ index }) => from + ((to - from) * (index + 0.5 + 0.17 * Math.sin(seed + 1))) / count);
}

/** Square root of the mean square of `a - b`, relative to that of `b`. */
export function relativeError(a: readonly number[], b: readonly number[]): number {
  const sumOfSquares = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(sumOfSquares(a.map((value, index) => value - (b[index] ?? Number.NaN))) / sumOfSquares(b));
}
