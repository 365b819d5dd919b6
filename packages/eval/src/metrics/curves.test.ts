import { expect, test } from 'vitest';
import { auroc } from './auroc.js';
import { expectedCalibrationError } from './calibration.js';
import { confusionAt, precision } from './confusion.js';
import { reliabilityBins, rocCurve } from './curves.js';

const scores = [0.1, 0.4, 0.35, 0.8, 0.4];
const labels = [false, false, true, true, true];

test('the ROC curve has a point for each distinct score, tied items together', () => {
  expect(rocCurve(scores, labels)).toEqual([
    { threshold: 0.8, falsePositiveRate: 0, recall: 1 / 3 },
    { threshold: 0.4, falsePositiveRate: 0.5, recall: 2 / 3 },
    { threshold: 0.35, falsePositiveRate: 0.5, recall: 1 },
    { threshold: 0.1, falsePositiveRate: 1, recall: 1 },
  ]);
});

test('the area under the ROC curve is the AUROC', () => {
  const points = [{ falsePositiveRate: 0, recall: 0 }, ...rocCurve(scores, labels)];
  const area = points.slice(1).reduce((sum, point, index) => {
    const before = points[index] ?? point;
    return sum + ((point.falsePositiveRate - before.falsePositiveRate) * (point.recall + before.recall)) / 2;
  }, 0);
  expect(area).toBeCloseTo(auroc(scores, labels), 12);
});

test('reliability bins hold mean and share, 1 in the last one, null where they are empty', () => {
  const bins = reliabilityBins([0.1, 0.3, 1], [false, true, true], 2);
  expect(bins).toEqual([
    { low: 0, high: 0.5, count: 2, positives: 1, meanScore: 0.2, positiveShare: 0.5 },
    { low: 0.5, high: 1, count: 1, positives: 1, meanScore: 1, positiveShare: 1 },
  ]);
  expect(reliabilityBins([0.9], [true], 2)[0]).toMatchObject({ count: 0, meanScore: null, positiveShare: null });
});

test('the mean gap of the bins is the calibration error', () => {
  const gap = reliabilityBins(scores, labels).reduce((sum, { count, meanScore, positiveShare }) => sum + count * Math.abs((meanScore ?? 0) - (positiveShare ?? 0)), 0);
  expect(gap / scores.length).toBeCloseTo(expectedCalibrationError(scores, labels), 12);
});

test('reject what they can not measure', () => {
  expect(() => rocCurve([0.5], [true])).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
  expect(() => reliabilityBins([2], [true])).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
  expect(() => reliabilityBins([0.5], [true], 0)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});

test('precision is the share of right alarms, null without an alarm', () => {
  expect(precision(confusionAt(0.4, scores, labels))).toBe(2 / 3);
  expect(precision(confusionAt(1, scores, labels))).toBeNull();
});
