import { describe, expect, test } from 'vitest';
import { causalLoss, sequenceToSequenceLoss, tokenTaggingLoss } from './sequence-losses.js';
import { evaluateLoss, labelled, logProbability, near, someNumbers } from './test-support.js';

const dims = [2, 2, 3];
const logits = someNumbers(12);
const rows = [0, 1, 2, 3].map((row) => logits.slice(3 * row, 3 * row + 3));
const crossEntropyOf = (row: number, label: number): number => -logProbability(rows[row] ?? [], label);

describe.each([['causal', causalLoss], ['sequence-to-sequence', sequenceToSequenceLoss], ['tagging', tokenTaggingLoss]] as const)('the %s loss', (_name, loss) => {
  test('of logits that are all alike is the logarithm of the number of classes', async () => {
    const { value } = await evaluateLoss({ build: loss, dims: [1, 2, 4], logits: [3, 3, 3, 3, -5, -5, -5, -5], inputs: labelled([1, 2], [1, 2]) });
    expect(value).toBeCloseTo(1.386294, 5);
  });

  test('is the mean over the labels that count', async () => {
    const { value, gradient, differences } = await evaluateLoss({ build: loss, dims, logits, inputs: labelled([1, -100, 2, 0], [2, 2]) });
    expect(value).toBeCloseTo((crossEntropyOf(0, 1) + crossEntropyOf(2, 2) + crossEntropyOf(3, 0)) / 3, 5);
    expect(gradient).toEqual(near(differences));
    expect(gradient.slice(3, 6).every((each) => Math.abs(each) === 0)).toBe(true);
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.1);
  });

  test('weighs labels', async () => {
    const { value, gradient, differences } = await evaluateLoss({ build: loss, dims, logits, inputs: labelled([1, 1, 2, 0], [2, 2], [1, 0, 0.5, 0]) });
    expect(value).toBeCloseTo((crossEntropyOf(0, 1) + 0.5 * crossEntropyOf(2, 2)) / 1.5, 5);
    expect(gradient).toEqual(near(differences));
  });

  test.each([
    ['labels', labelled([-100, -100, -100, -100], [2, 2])],
    ['weights', labelled([1, 1, 2, 0], [2, 2], [0, 0, 0, 0])],
  ])('is 0 and has no gradient without %s', async (_what, inputs) => {
    const { value, gradient } = await evaluateLoss({ build: loss, dims, logits, inputs });
    expect(Math.abs(value)).toBe(0);
    expect(gradient.every((each) => Math.abs(each) === 0)).toBe(true);
  });

  test('is finite for logits far apart', async () => {
    const { value, gradient } = await evaluateLoss({ build: loss, dims: [1, 1, 3], logits: [-8192, 0, 8192], inputs: labelled([0], [1, 1]) });
    expect(value).toBeCloseTo(16384, 0);
    expect(gradient).toEqual(near([-1, 0, 1]));
  });
});

test('the tagging loss weighs classes as it does labels', async () => {
  const build = (...[graph, name]: Parameters<typeof tokenTaggingLoss>): string => tokenTaggingLoss(graph, name, { classWeights: [1, 4, 2] });
  const { value, gradient, differences } = await evaluateLoss({ build, dims, logits, inputs: labelled([1, -100, 2, 0], [2, 2]) });
  expect(value).toBeCloseTo((4 * crossEntropyOf(0, 1) + 2 * crossEntropyOf(2, 2) + crossEntropyOf(3, 0)) / 7, 5);
  expect(gradient).toEqual(near(differences));
});
