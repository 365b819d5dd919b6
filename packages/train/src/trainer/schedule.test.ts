import { expect, test } from 'vitest';
import { cosineSchedule } from './schedule.js';

const options = { peak: 0.2, warmupSteps: 10, totalSteps: 110 };

test.each([
  [1, 0.02],
  [5, 0.1],
  [10, 0.2],
  [35, 0.2 * (0.05 + 0.95 * (0.5 + Math.SQRT1_2 / 2))],
  [60, 0.2 * (0.05 + 0.95 * 0.5)],
  [110, 0.01],
  [500, 0.01],
])('step %d of 110 with 10 to warm up has the learning rate %d', (step, rate) => {
  expect(cosineSchedule(step, options)).toBeCloseTo(rate, 12);
});

test('the floor is the share of the peak that is left at the end', () => {
  expect(cosineSchedule(110, { ...options, floor: 0.5 })).toBeCloseTo(0.1, 12);
});

test('without a warm-up the first step is close to the peak', () => {
  expect(cosineSchedule(1, { ...options, warmupSteps: 0 })).toBeCloseTo(0.2, 3);
});

test('a run of warm-up alone stays finite', () => {
  expect(cosineSchedule(11, { ...options, totalSteps: 10 })).toBeCloseTo(0.01, 12);
});
