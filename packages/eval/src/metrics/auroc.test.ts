import { expect, test } from 'vitest';
import { auroc } from './auroc.js';

test.each([
  { name: 'is 1 when every positive is above every negative', scores: [0.9, 0.8, 0.2], labels: [true, true, false], area: 1 },
  { name: 'is 0 when every positive is below every negative', scores: [0.1, 0.8], labels: [true, false], area: 0 },
  { name: 'is a half for a constant score', scores: [0.5, 0.5, 0.5], labels: [true, false, false], area: 0.5 },
  { name: 'counts a tie as half a win', scores: [0.4, 0.4, 0.1], labels: [true, false, false], area: 0.75 },
  {
    name: 'is 0.75 on the four points of the textbooks',
    scores: [0.1, 0.4, 0.35, 0.8],
    labels: [false, false, true, true],
    area: 0.75,
  },
])('$name', ({ scores, labels, area }) => {
  expect(auroc(scores, labels)).toBe(area);
});

test.each([
  { name: 'one class only', scores: [0.1, 0.2], labels: [true, true] },
  { name: 'no items', scores: [], labels: [] },
  { name: 'a label too few', scores: [0.1, 0.2], labels: [true] },
  { name: 'a score that is not a number', scores: [Number.NaN, 0.2], labels: [true, false] },
])('rejects $name', ({ scores, labels }) => {
  expect(() => auroc(scores, labels)).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
});
