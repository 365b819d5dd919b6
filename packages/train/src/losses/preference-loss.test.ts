import { createSession, int64, type Tensor } from '@align-squad/onnx';
import { dataType, GraphBuilder, writeModel } from '@align-squad/onnx/graph';
import { describe, expect, test } from 'vitest';
import { preferenceLoss, preferenceTerms, sequenceLogProbabilities } from './preference-loss.js';
import { evaluateLoss, floats, logProbability, near, someNumbers, type BuildLossOf } from './test-support.js';

const dims = [4, 2, 3];
const logits = someNumbers(24);
const labels = [1, 2, 0, -100, 1, 1, -100, 2];
const reference = [-2, -1, -3, -0.5];
const inputs: Record<string, Tensor> = { labels: int64(labels, [4, 2]), reference_log_probabilities: floats(reference, [4]) };
const build: BuildLossOf = (graph, name) => preferenceLoss(graph, name, { beta: 0.5 });
const rowValues = [0, 1, 2, 3].map((row) =>
  [2 * row, 2 * row + 1].reduce((sum, at) => sum + ((labels[at] ?? 0) < 0 ? 0 : logProbability(logits.slice(3 * at, 3 * at + 3), labels[at] ?? 0)), 0));
const margin = (row: number): number => (rowValues[row] ?? 0) - (reference[row] ?? 0) - (rowValues[row + 1] ?? 0) + (reference[row + 1] ?? 0);
const lossOf = (row: number): number => -Math.log(1 / (1 + Math.exp(-0.5 * margin(row))));

describe('the preference loss', () => {
  test('of a model that is the reference is log 2', async () => {
    const own = { ...inputs, reference_log_probabilities: floats(rowValues, [4]) };
    expect((await evaluateLoss({ build, dims, logits, inputs: own })).value).toBeCloseTo(0.693147, 5);
  });

  test('is that of Rafailov et al.', async () => {
    const { value, gradient, differences } = await evaluateLoss({ build, dims, logits, inputs });
    expect(value).toBeCloseTo((lossOf(0) + lossOf(2)) / 2, 5);
    expect(gradient).toEqual(near(differences));
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.05);
  });

  test('leaves pairs out that only fill the batch up', async () => {
    const filled = { ...inputs, labels: int64([...labels.slice(0, 4), -100, -100, -100, -100], [4, 2]) };
    const { value, gradient } = await evaluateLoss({ build, dims, logits, inputs: filled });
    expect(value).toBeCloseTo(lossOf(0), 5);
    expect(gradient.slice(12).every((each) => Math.abs(each) === 0)).toBe(true);
  });

  test('is 0 without pairs', async () => {
    const none = { ...inputs, labels: int64(labels.map(() => -100), [4, 2]) };
    expect(Math.abs((await evaluateLoss({ build, dims, logits, inputs: none })).value)).toBe(0);
  });

  test('is finite for texts of very different probability', async () => {
    const { value } = await evaluateLoss({ build, dims, logits, inputs: { ...inputs, reference_log_probabilities: floats([5000, -5000, 0, 0], [4]) } });
    expect(value).toBeGreaterThan(2000);
  });

  test('comes with the share of pairs in the right order', async () => {
    const graph = new GraphBuilder();
    const { accuracy } = preferenceTerms(graph, graph.input('logits', dataType.float32, dims), { beta: 0.5 });
    await using session = await createSession(writeModel(graph.model([accuracy])));
    const results = await session.run({ ...inputs, logits: floats(logits, dims) });
    expect([margin(0) > 0, margin(2) > 0].filter(Boolean)).toHaveLength(1);
    expect(Number(results[accuracy]?.data[0])).toBeCloseTo(0.5, 6);
  });
});

test('log-probabilities are summed over each row', async () => {
  const graph = new GraphBuilder();
  const total = sequenceLogProbabilities(graph, graph.input('logits', dataType.float32, dims));
  await using session = await createSession(writeModel(graph.model([total])));
  const results = await session.run({ logits: floats(logits, dims), labels: int64(labels, [4, 2]) });
  expect(Array.from(results[total]?.data ?? [], Number)).toEqual(near(rowValues));
});
