import { expect, test } from 'vitest';
import { expectedCalibrationError } from './calibration.js';

test('is 0 when each bin is right as often as it says', () => {
  expect(expectedCalibrationError([0.25, 0.25, 0.25, 0.25], [true, false, false, false])).toBe(0);
});

test('weighs the gap of each bin by its items', () => {
  // 0.05 against 0 for three of four items, 1 against 0 for the fourth.
  expect(expectedCalibrationError([0.05, 0.05, 0.05, 1], [false, false, false, false])).toBeCloseTo(0.2875);
});

test('does not let opposite errors cancel across bins', () => {
  expect(expectedCalibrationError([0, 1], [true, false])).toBe(1);
});

test('rejects scores outside [0, 1] and a number of bins below 1', () => {
  expect(() => expectedCalibrationError([1.2], [true])).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
  expect(() => expectedCalibrationError([0.2], [true], { bins: 0 })).toThrow(
    expect.objectContaining({ code: 'invalid-options' }),
  );
});
