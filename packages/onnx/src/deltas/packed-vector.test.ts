import { createRandom } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { packedLength, packVector, unpackVector, type ValueBits } from './packed-vector.js';

const random = createRandom(4);
const normals = Float64Array.from({ length: 1000 }, () => random.normal());

function roundTrip(values: Float64Array, bits: ValueBits): Float32Array {
  const bytes = new Uint8Array(5 + packedLength(values.length, bits));
  packVector(values, bits, bytes, 5);
  const back = new Float32Array(values.length);
  unpackVector(bytes, 5, values.length, bits, { values: back, start: 0 });
  return back;
}

function squaredError(values: Float64Array, bits: ValueBits): number {
  const back = roundTrip(values, bits);
  return values.reduce((sum, value, at) => sum + (value - (back[at] ?? 0)) ** 2, 0) / values.reduce((sum, value) => sum + value * value, 0);
}

describe('the error of normal values', () => {
  // Of the best evenly spaced levels (Max 1960): 0.1188, 0.0374, 0.0115; a group of 128 knows its own scale, and has fewer extremes.
  test.each<[ValueBits, number]>([[2, 0.122], [3, 0.039], [4, 0.0122], [8, 0.0001]])('in %i bits is near the least that there is', (bits, most) => {
    expect(squaredError(normals, bits)).toBeLessThan(most);
  });

  test('is smaller with more bits', () => {
    const errors = ([2, 3, 4, 8] as const).map((bits) => squaredError(normals, bits));
    expect(errors).toEqual([...errors].sort((a, b) => b - a));
  });
});

test('in 8 bits no value is off by more than half a step of its group', () => {
  const back = roundTrip(normals, 8);
  normals.forEach((value, at) => {
    const from = at - (at % 128);
    const largest = Math.max(...normals.subarray(from, from + 128).map(Math.abs));
    expect(Math.abs(value - (back[at] ?? 0))).toBeLessThanOrEqual((largest / 127.5 / 2) * 1.0001);
  });
});

test.each<ValueBits>([2, 3, 4, 8])('levels of %i bits come back as they were', (bits) => {
  const middle = (2 ** bits - 1) / 2;
  const levels = Float64Array.from({ length: 300 }, (_, at) => (at % 2 ** bits) - middle);
  expect([...roundTrip(levels, bits)]).toEqual([...levels].map((level) => expect.closeTo(level, 5) as number));
});

test.each<ValueBits>([2, 3, 4, 8])('zeros in %i bits stay zeros', (bits) => {
  expect([...roundTrip(new Float64Array(5), bits)].every((value) => value === 0)).toBe(true);
});

test('values go to every place of a stride, and nowhere else', () => {
  const bytes = new Uint8Array(packedLength(3, 8));
  packVector(Float64Array.of(1, -1, 1), 8, bytes, 0);
  const values = new Float32Array(8).fill(7);
  unpackVector(bytes, 0, 3, 8, { values, start: 1, stride: 3 });
  expect([...values].map(Math.round)).toEqual([7, 1, 7, 7, -1, 7, 7, 1]);
});
