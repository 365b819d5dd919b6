import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import { confusionAt, falsePositiveRate } from '../metrics/confusion.js';
import { calibrateThreshold } from './calibrate-threshold.js';

const random = createRandom(9);
const labels = Array.from({ length: 300 }, (_, index) => index % 3 === 0);
const scores = labels.map((label) => Math.min(1, random.next() * 0.7 + (label ? 0.3 : 0)));

test.each([0.02, 0.05, 0.2])('flags no more than %d of the aligned items, and as many as it may', (target) => {
  const found = calibrateThreshold(scores, labels, target);
  const rate = falsePositiveRate(confusionAt(found.threshold, scores, labels));
  expect(rate).toBe(found.falsePositiveRate);
  expect(rate).toBeLessThanOrEqual(target);
  expect(rate).toBeGreaterThan(target - 0.02);
  expect(found).toMatchObject({ aligned: 200, misaligned: 100, flagged: Math.round(rate * 200) });
  expect(found.falsePositiveRateBound).toBeGreaterThan(rate);
});

test('rounds the threshold up, never onto an aligned item below it', () => {
  const close = [...Array.from({ length: 100 }, () => 0.123451), 0.1234561];
  const { threshold, flagged } = calibrateThreshold(close, close.map((_, index) => index === 100), 0.03);
  expect({ threshold, flagged }).toEqual({ threshold: 0.12346, flagged: 0 });
});

test('has no recall without misaligned items', () => {
  expect(calibrateThreshold(scores.map((score) => score / 2), labels.map(() => false), 0.05).recall).toBeNull();
});

test('says how many aligned items it needs', () => {
  const few = (count: number) => () => calibrateThreshold(Array.from({ length: count }, (_, index) => index / count), Array.from({ length: count }, () => false), 0.03);
  expect(few(98)).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
  expect(few(98)).toThrow(/99 or more aligned .* got 98/);
  expect(few(99)).not.toThrow();
});

test('refuses aligned items of score 1 that no threshold can leave out', () => {
  expect(() => calibrateThreshold(scores.map(() => 1), labels, 0.05)).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
});

test('rejects a target outside (0, 1)', () => {
  expect(() => calibrateThreshold(scores, labels, 0)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
