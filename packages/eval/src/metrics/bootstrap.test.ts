import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import { auroc } from './auroc.js';
import { aurocInterval, bootstrapInterval } from './bootstrap.js';

const random = createRandom(5);
const labels = Array.from({ length: 200 }, (_, index) => index % 2 === 0);
const scores = labels.map((label) => random.next() + (label ? 0.4 : 0));
const mean = (items: readonly number[]): number => items.reduce((sum, item) => sum + item, 0) / items.length;

test('holds the statistic of the whole and is no wider than the data allows', () => {
  const { low, high } = aurocInterval(scores, labels);
  const whole = auroc(scores, labels);
  expect(low).toBeLessThan(whole);
  expect(high).toBeGreaterThan(whole);
  expect(high - low).toBeLessThan(0.2);
});

test('is about 3.92 standard errors wide for a mean', () => {
  const { low, high } = bootstrapInterval(100, mean, { samples: 4000 });
  // The standard deviation of 0 to 99 is 28.87.
  expect(high - low).toBeCloseTo((3.92 * 28.87) / 10, 0);
});

test('repeats with the same seed and differs with another', () => {
  const first = bootstrapInterval(50, mean, { seed: 3 });
  expect(bootstrapInterval(50, mean, { seed: 3 })).toEqual(first);
  expect(bootstrapInterval(50, mean, { seed: 4 })).not.toEqual(first);
});

test('draws the items of a group together', () => {
  const groups = ['a', 'a', 'b', 'b'];
  const together = (items: readonly number[]): number =>
    items.every((item) => items.filter((other) => other === item).length === items.filter((other) => other === (item ^ 1)).length)
      ? 1
      : 0;
  expect(bootstrapInterval(4, together, { groups, samples: 50 })).toEqual({ low: 1, high: 1 });
});

test('draws again what has one class only', () => {
  const { low, high } = aurocInterval([0.9, 0.8, 0.1, 0.2], [true, true, false, false], { samples: 100 });
  expect([low, high]).toEqual([1, 1]);
});

test.each([
  { name: 'a level of 1', run: () => bootstrapInterval(3, mean, { level: 1 }), code: 'invalid-options' },
  { name: 'no samples', run: () => bootstrapInterval(3, mean, { samples: 0 }), code: 'invalid-options' },
  { name: 'no items', run: () => bootstrapInterval(0, mean), code: 'invalid-dataset' },
  { name: 'a group too few', run: () => bootstrapInterval(2, mean, { groups: ['a'] }), code: 'invalid-dataset' },
  { name: 'a statistic that is never defined', run: () => bootstrapInterval(3, () => undefined), code: 'invalid-dataset' },
])('rejects $name', ({ run, code }) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
