import { expect, test } from 'vitest';
import type { Tensor } from '@align-squad/onnx';
import { dataType } from '@align-squad/onnx/graph';
import { binaryHeadsLoss } from './binary-heads-loss.js';
import { evaluateLoss, floats, near, someNumbers, type BuildLossOf } from './test-support.js';

const softplus = (x: number): number => Math.log1p(Math.exp(x));
const dims = [4, 2];
const logits = someNumbers(8);
const [a = 0, , c = 0, , , f = 0, , h = 0] = logits;
const build: BuildLossOf = (graph, name) => binaryHeadsLoss(graph, { logits: name, dims: [4, 3], heads: 2, weights: { pair: 0.5, sentence: 0.25 } });
const inputs: Record<string, Tensor> = {
  labels: floats([1, 0, 0, 0, 0, 0.75, 0, 0], dims),
  label_weights: floats([1, 0, 1, 0, 0, 2, 0, 1], dims),
  pair_weights: floats([1, 0, 0, 3], [2, 2]),
};
const none: Record<string, Tensor> = { ...inputs, label_weights: floats(Array<number>(8).fill(0), dims), pair_weights: floats([0, 0, 0, 0], [2, 2]) };
const expected = (softplus(-a) + softplus(c) + 2 * (softplus(f) - 0.75 * f) + softplus(h)) / 5 + 0.5 * ((softplus(c - a) + 3 * softplus(h - f)) / 4);

test('at logits of 0 a label and a pair cost log 2 each', async () => {
  const { value } = await evaluateLoss({ build, dims, logits: Array<number>(8).fill(0), inputs });
  expect(value).toBeCloseTo(1.5 * 0.693147, 5);
});

test('labels that are missing do not count, and pairs are ranked', async () => {
  const { value, gradient, differences } = await evaluateLoss({ build, dims, logits, inputs });
  expect(value).toBeCloseTo(expected, 5);
  expect(gradient).toEqual(near(differences));
  expect(Math.abs(gradient[1] ?? 1)).toBe(0);
});

test('without any label it is 0 and has no gradient', async () => {
  const { value, gradient } = await evaluateLoss({ build, dims, logits, inputs: none });
  expect(Math.abs(value)).toBe(0);
  expect(gradient.every((each) => Math.abs(each) === 0)).toBe(true);
});

test('sentences that are labelled count beside the response', async () => {
  const sentenceDims = [4, 3, 2];
  const sentenceLogits = someNumbers(24).map((value) => -value);
  const labels = sentenceLogits.map((_, at) => (at === 5 ? 1 : 0));
  const weights = sentenceLogits.map((_, at) => (at === 5 || at === 20 ? 1 : 0));
  const withSentences: BuildLossOf = (graph, name) =>
    binaryHeadsLoss(graph, { logits: graph.input('response', dataType.float32, dims), sentenceLogits: name, dims: [4, 3], heads: 2, weights: { pair: 0.5, sentence: 0.25 } });
  const { value, gradient, differences } = await evaluateLoss({
    build: withSentences,
    dims: sentenceDims,
    logits: sentenceLogits,
    inputs: { ...inputs, response: floats(logits, dims), sentence_labels: floats(labels, sentenceDims), sentence_weights: floats(weights, sentenceDims) },
  });
  const [faulty = 0, sound = 0] = [sentenceLogits[5], sentenceLogits[20]];
  expect(value).toBeCloseTo(expected + 0.25 * ((softplus(-faulty) + softplus(sound)) / 2), 5);
  expect(gradient).toEqual(near(differences));
});
