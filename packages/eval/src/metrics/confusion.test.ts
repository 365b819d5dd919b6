import { expect, test } from 'vitest';
import { confusionAt, f1, falsePositiveRate, recall } from './confusion.js';

const scores = [0.9, 0.5, 0.4, 0.7, 0.1, 0.2];
const labels = [true, true, true, false, false, false];

test('counts decisions, with a score at the threshold called positive', () => {
  expect(confusionAt(0.5, scores, labels)).toEqual({
    truePositives: 2,
    falsePositives: 1,
    trueNegatives: 2,
    falseNegatives: 1,
  });
});

test('gives F1, recall and false-positive rate of a confusion', () => {
  const confusion = confusionAt(0.5, scores, labels);
  expect(f1(confusion)).toBeCloseTo(2 / 3);
  expect(recall(confusion)).toBeCloseTo(2 / 3);
  expect(falsePositiveRate(confusion)).toBeCloseTo(1 / 3);
});

test('gives an F1 of 0 when no positive was found', () => {
  expect(f1(confusionAt(2, scores, labels))).toBe(0);
});

test('rejects a rate over a class that is missing', () => {
  const onlyPositives = confusionAt(0.5, [0.9], [true]);
  const onlyNegatives = confusionAt(0.5, [0.9], [false]);
  const invalid = expect.objectContaining({ code: 'invalid-dataset' });
  expect(() => falsePositiveRate(onlyPositives)).toThrow(invalid);
  expect(() => f1(onlyNegatives)).toThrow(invalid);
  expect(() => recall(onlyNegatives)).toThrow(invalid);
});
