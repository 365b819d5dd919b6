import { expect, test } from 'vitest';
import { dataType } from './model.js';
import { bytesToNumbers } from './tensor-numbers.js';

const bytes = (values: { readonly buffer: ArrayBufferLike }): Uint8Array => new Uint8Array(values.buffer);

test.each([
  ['float32', bytes(Float32Array.of(1.5, -2))],
  ['float64', bytes(Float64Array.of(1.5, -2))],
])('floats of type %s are read', (type, data) => {
  expect(bytesToNumbers({ name: '', dims: [2], type: dataType[type as 'float32'], bytes: data })).toEqual([1.5, -2]);
});

test.each([
  ['int64', bytes(BigInt64Array.of(3n, -2n))],
  ['int32', bytes(Int32Array.of(3, -2))],
  ['int16', bytes(Int16Array.of(3, -2))],
  ['int8', bytes(Int8Array.of(3, -2))],
])('whole numbers of type %s are read', (type, data) => {
  expect(bytesToNumbers({ name: '', dims: [2], type: dataType[type as 'int64'], bytes: data })).toEqual([3, -2]);
});

test('bytes at an odd place are read', () => {
  const odd = new Uint8Array(9);
  odd.set(bytes(Int32Array.of(7, 8)), 1);
  expect(bytesToNumbers({ name: '', dims: [2], type: dataType.int32, bytes: odd.subarray(1) })).toEqual([7, 8]);
});

test('half floats and values outside the file are not', () => {
  expect(bytesToNumbers({ name: '', dims: [1], type: dataType.float16, bytes: new Uint8Array(2) })).toBeUndefined();
  expect(bytesToNumbers({ name: '', dims: [1], type: dataType.float32, external: { location: 'x' } })).toBeUndefined();
});
