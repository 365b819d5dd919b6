import { expect } from 'vitest';
import { createSession, float32, int64, type Tensor } from '@align-squad/onnx';
import { dataType, differentiate, elementCount, GraphBuilder, writeModel } from '@align-squad/onnx/graph';

/** Builds a loss of logits. */
export type BuildLossOf = (graph: GraphBuilder, logits: string) => string;

/** A loss at some logits. */
export interface LossAt {
  readonly build: BuildLossOf;
  readonly dims: readonly number[];
  readonly logits: readonly number[];
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/** The value of a loss, and its gradient by the logits: as the graph computes it, and by differences. */
export interface LossValue {
  readonly value: number;
  readonly gradient: number[];
  readonly differences: number[];
}

/** Numbers between -1 and 1, no two alike. */
export function someNumbers(count: number): number[] {
  return Array.from({ length: count }, (_, at) => Math.sin(3 * at + 1));
}

/** A float tensor. */
export function floats(values: readonly number[], dims: readonly number[]): Tensor {
  return float32(Float32Array.from(values), dims);
}

/** The inputs of a cross-entropy. */
export function labelled(labels: readonly number[], dims: readonly number[], weights = labels.map(() => 1)): Record<string, Tensor> {
  return { labels: int64(labels, dims), label_weights: floats(weights, dims) };
}

/** Log-probability of a class under a row of logits. */
export function logProbability(row: readonly number[], label: number): number {
  return (row[label] ?? Number.NaN) - Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
}

/** Matchers of numbers within half a thousandth. */
export function near(values: readonly number[]): number[] {
  return values.map((value) => expect.closeTo(value, 3) as number);
}

/** Computes a loss and its gradient in both ways. */
export async function evaluateLoss({ build, dims, logits, inputs }: LossAt): Promise<LossValue> {
  const graph = new GraphBuilder();
  const loss = build(graph, graph.input('logits', dataType.float32, dims));
  const gradient = differentiate(graph, loss, ['logits']).get('logits') ?? '';
  await using session = await createSession(writeModel(graph.model([loss, gradient])));
  const given = Object.fromEntries(Object.entries(inputs).filter(([name]) => session.inputNames.includes(name)));
  const run = async (values: readonly number[]): Promise<Readonly<Record<string, Tensor>>> => session.run({ ...given, logits: floats(values, dims) });
  const lossAt = async (index: number, by: number): Promise<number> =>
    Number((await run(logits.map((value, at) => (at === index ? value + by : value))))[loss]?.data[0]);
  const step = 1 / 64;
  const differences: number[] = [];
  for (const index of logits.keys()) differences.push(((await lossAt(index, step)) - (await lossAt(index, -step))) / (2 * step));
  const results = await run(logits);
  const values = Array.from(results[gradient]?.data ?? [], Number);
  expect(values).toHaveLength(elementCount(dims));
  return { value: Number(results[loss]?.data[0]), gradient: values, differences };
}
