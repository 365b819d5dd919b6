import type { Vector } from './vectors.js';

/** Bits of a value; 2 to 4 and 8. */
export type ValueBits = 2 | 3 | 4 | 8;

/** Values that share a scale. */
export const groupSize = 128;

// Of a scale that reaches the largest value, for a few bits: large values are cut where that makes the rest finer.
const scaleTrials = Array.from({ length: 29 }, (_, index) => 1 - 0.025 * index);

/** Bytes of a packed vector: a float32 scale a group, then the codes. */
export function packedLength(length: number, bits: ValueBits): number {
  return 4 * Math.ceil(length / groupSize) + Math.ceil((length * bits) / 8);
}

/**
 * Packs a vector into `target` from `start` on. A value becomes one of 2^bits evenly spaced levels around 0, times the scale
 * of its group, which is the one of least squared error; the largest magnitude is reached with 8 bits.
 */
export function packVector(values: Vector, bits: ValueBits, target: Uint8Array, start: number): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  const codesAt = start + 4 * Math.ceil(values.length / groupSize);
  const middle = (2 ** bits - 1) / 2;
  for (let group = 0; group * groupSize < values.length; group++) {
    const from = group * groupSize;
    const part = values.subarray(from, from + groupSize);
    const scale = Math.fround(bits === 8 ? fullScale(part, middle) : bestScale(part, middle));
    view.setFloat32(start + 4 * group, scale, true);
    part.forEach((value, index) => putBits(target, codesAt, (from + index) * bits, codeOf(value, scale, middle)));
  }
}

/** Where `unpackVector` writes. */
export interface UnpackTarget {
  readonly values: Float32Array;
  readonly start: number;
  /** Places from one value to the next. @default 1 */
  readonly stride?: number | undefined;
}

/** Writes the values of a packed vector of this length to their places in an array. */
export function unpackVector(source: Uint8Array, start: number, length: number, bits: ValueBits, target: UnpackTarget): void {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const codesAt = start + 4 * Math.ceil(length / groupSize);
  const middle = (2 ** bits - 1) / 2;
  const mask = 2 ** bits - 1;
  const { values, stride = 1 } = target;
  let scale = 0;
  for (let index = 0, place = target.start; index < length; index++, place += stride) {
    if (index % groupSize === 0) scale = view.getFloat32(start + (4 * index) / groupSize, true);
    const bit = index * bits;
    const at = codesAt + (bit >> 3);
    const word = (source[at] ?? 0) | ((source[at + 1] ?? 0) << 8);
    values[place] = (((word >> (bit & 7)) & mask) - middle) * scale;
  }
}

function codeOf(value: number, scale: number, middle: number): number {
  if (scale === 0) return 0;
  return Math.min(2 * middle, Math.max(0, Math.round(value / scale + middle)));
}

/** Codes of up to 8 bits, the lowest bits first. The bytes must be zero before. */
function putBits(target: Uint8Array, start: number, bit: number, code: number): void {
  const at = start + (bit >> 3);
  const shifted = code << (bit & 7);
  target[at] = (target[at] ?? 0) | (shifted & 255);
  if (shifted > 255) target[at + 1] = (target[at + 1] ?? 0) | (shifted >> 8);
}

function fullScale(values: Vector, middle: number): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest / middle;
}

function bestScale(values: Vector, middle: number): number {
  const full = fullScale(values, middle);
  let best = { scale: full, error: Number.POSITIVE_INFINITY };
  for (const trial of scaleTrials) {
    const refit = refitScale(values, full * trial, middle);
    if (refit.error < best.error) best = refit;
  }
  return best.scale;
}

/** The scale of least squared error for the codes that a scale gives. */
function refitScale(values: Vector, scale: number, middle: number): { scale: number; error: number } {
  let [squares, products, total] = [0, 0, 0];
  for (const value of values) {
    const level = codeOf(value, scale, middle) - middle;
    squares += level * level;
    products += level * value;
    total += value * value;
  }
  const refit = products / squares;
  return { scale: refit, error: total - products * refit };
}
