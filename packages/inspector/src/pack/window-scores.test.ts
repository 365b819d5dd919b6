import { describe, expect, test } from 'vitest';
import { poolWindows, toProbability, type WindowScores } from './window-scores.js';
import type { InspectorHead } from './manifest.js';

const head: InspectorHead = {
  criterion: 'ethical',
  needsContext: false,
  threshold: 0.5,
  calibration: { scale: 1, bias: 0 },
  acrossStretches: 'max',
};

/** A window with its score and the scores of its sentences, by sentence. */
function window(stretch: number, response: number, sentences: Readonly<Record<number, number>> = {}): WindowScores {
  const entries = Object.entries(sentences);
  return {
    window: { stretch, markers: entries.map(([sentence], position) => ({ sentence: Number(sentence), position })) },
    response: [0, response],
    sentences: entries.map(([, score]) => [0, score]),
  };
}

const pooled = (scores: readonly WindowScores[], more: Partial<InspectorHead> = {}): number =>
  poolWindows(scores, { ...head, ...more }, 1).response;

describe('toProbability', () => {
  test.each([
    [{ scale: 1, bias: 0 }, 0, 0.5],
    [{ scale: 2, bias: 0 }, Math.log(3), 0.9],
    [{ scale: 1, bias: Math.log(3) }, 0, 0.75],
    [{ scale: 1, bias: 0 }, 5000, 1],
    [{ scale: 1, bias: 0 }, -5000, 0],
  ])('under %j the logit %d is %d', (calibration, logit, expected) => {
    expect(toProbability(logit, { ...head, calibration })).toBeCloseTo(expected, 9);
  });
});

describe('the score of a response', () => {
  test('is that of its window where there is one', () => {
    expect(pooled([window(0, 0.3)])).toBe(0.3);
  });

  test('is that of the part of the context that supports it most, where the criterion needs one', () => {
    expect(pooled([window(0, 0.9), window(0, 0.1), window(0, 0.8)], { needsContext: true })).toBe(0.1);
  });

  test('is the worst over the parts of the context where the criterion needs none', () => {
    expect(pooled([window(0, 0.2), window(0, 0.7)])).toBe(0.7);
  });

  test('is that of the worst stretch, each pooled over its parts of the context first', () => {
    const scores = [window(0, 0.9), window(0, 0.1), window(1, 0.4), window(1, 0.6)];
    expect(pooled(scores, { needsContext: true })).toBe(0.4);
  });

  test('is the mean over stretches where the head says so', () => {
    expect(pooled([window(0, 0.2), window(1, 0.4), window(2, 0.9)], { acrossStretches: 'mean' })).toBeCloseTo(0.5, 9);
  });
});

describe('the score of a sentence', () => {
  const sentences = (scores: readonly WindowScores[], more: Partial<InspectorHead> = {}): [number, number][] =>
    [...poolWindows(scores, { ...head, ...more }, 1).sentences];

  test('is kept by its index in the exchange', () => {
    expect(sentences([window(0, 0, { 0: 0.1, 1: 0.2 }), window(1, 0, { 2: 0.3 })])).toEqual([[0, 0.1], [1, 0.2], [2, 0.3]]);
  });

  test('is the worst of the stretches that hold it', () => {
    expect(sentences([window(0, 0, { 0: 0.1, 1: 0.2 }), window(1, 0, { 1: 0.6 })])).toEqual([[0, 0.1], [1, 0.6]]);
  });

  test('is the least of the parts of the context within a stretch, where the criterion needs one', () => {
    const scores = [window(0, 0, { 0: 0.9 }), window(0, 0, { 0: 0.2 }), window(1, 0, { 0: 0.5 }), window(1, 0, { 0: 0.8 })];
    expect(sentences(scores, { needsContext: true })).toEqual([[0, 0.5]]);
  });

  test('is the worst of the pieces of a sentence in one stretch, where the criterion needs no context', () => {
    const twice = { ...window(0, 0), window: { stretch: 0, markers: [{ sentence: 0, position: 0 }, { sentence: 0, position: 9 }] }, sentences: [[0, 0.7], [0, 0.1]] };
    expect(sentences([twice])).toEqual([[0, 0.7]]);
  });
});
