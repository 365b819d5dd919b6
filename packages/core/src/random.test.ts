import { describe, expect, test } from 'vitest';
import { createRandom } from './random.js';

const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('repetition', () => {
  test('the same seed gives the same numbers', () => {
    const [a, b] = [createRandom(7), createRandom(7)];
    expect(draw(20, a.next)).toEqual(draw(20, b.next));
  });

  test('another seed gives other numbers', () => {
    const [a, b] = [createRandom(7), createRandom(8)];
    expect(draw(20, a.next)).not.toEqual(draw(20, b.next));
  });
});

// Bounds are five standard errors or more.
describe('distribution', () => {
  test('next is spread evenly over [0, 1)', () => {
    const values = draw(20_000, createRandom(1).next);
    const tenths = draw(10, () => 0);
    for (const value of values) tenths[Math.floor(value * 10)] = (tenths[Math.floor(value * 10)] ?? Number.NaN) + 1;
    expect(tenths).toHaveLength(10);
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(220);
  });

  test('integer gives every whole number below its bound', () => {
    const { integer } = createRandom(2);
    expect([...new Set(draw(1000, () => integer(5)))].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test('normal has mean 0, deviation 1, and 68 % within one deviation', () => {
    const values = draw(20_000, createRandom(3).normal);
    expect(Math.abs(mean(values))).toBeLessThan(0.04);
    expect(Math.abs(mean(values.map((value) => value * value)) - 1)).toBeLessThan(0.06);
    expect(Math.abs(mean(values.map((value) => (Math.abs(value) < 1 ? 1 : 0))) - 0.6827)).toBeLessThan(0.02);
  });
});

describe('shuffling', () => {
  test('shuffle keeps every item and returns the same array', () => {
    const items = draw(50, createRandom(4).next);
    const sorted = [...items].sort();
    const shuffled = createRandom(5).shuffle(items);
    expect(shuffled).toBe(items);
    expect([...shuffled].sort()).toEqual(sorted);
  });

  test('each of three items comes first a third of the time', () => {
    const { shuffle } = createRandom(6);
    const firsts = draw(6000, () => shuffle(['a', 'b', 'c'])[0]);
    for (const item of ['a', 'b', 'c']) expect(Math.abs(firsts.filter((first) => first === item).length - 2000)).toBeLessThan(200);
  });
});
