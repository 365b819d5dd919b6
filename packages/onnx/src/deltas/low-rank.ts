import { elementCount } from '../graph/model.js';
import { rankOf, type RankGroup } from './delta.js';
import type { Svd } from './jacobi-svd.js';
import { packedLength, packVector, unpackVector, type UnpackTarget } from './packed-vector.js';
import type { Vector } from './vectors.js';

/** A change as `left` [rows, rank] times `right` [rank, columns], in row-major order. */
export interface Factors {
  readonly left: Float32Array;
  readonly right: Float32Array;
  readonly rank: number;
}

/** The groups that are left where a matrix has fewer singular values. */
export function cutGroups(groups: readonly RankGroup[], rank: number): RankGroup[] {
  let left = rank;
  return groups.flatMap(({ rank: wanted, bits }) => {
    const kept = Math.min(wanted, left);
    left -= kept;
    return kept > 0 ? [{ rank: kept, bits }] : [];
  });
}

/** Bytes of a packed matrix. */
export function lowRankLength([rows = 0, columns = 0]: readonly number[], groups: readonly RankGroup[]): number {
  return groups.reduce((sum, { rank, bits }) => sum + rank * (packedLength(rows, bits) + packedLength(columns, bits)), 0);
}

/**
 * Packs a decomposition: of each singular value the left vector, then the right one, both times the root of the value.
 * `groups` together have as many values as the decomposition.
 */
export function packLowRank({ left, values, right }: Svd, groups: readonly RankGroup[]): Uint8Array {
  const data = new Uint8Array(lowRankLength([left[0]?.length ?? 0, right[0]?.length ?? 0], groups));
  let at = 0;
  forEachVector(groups, (bits, index) => {
    const root = Math.sqrt(values[index] ?? 0);
    for (const vector of [left[index], right[index]]) {
      if (!vector) continue;
      packVector(vector.map((value) => value * root), bits, data, at);
      at += packedLength(vector.length, bits);
    }
  });
  return data;
}

/** The factors of a packed matrix as float32. */
export function unpackLowRank(data: Uint8Array, [rows = 0, columns = 0]: readonly number[], groups: readonly RankGroup[]): Factors {
  const rank = rankOf(groups);
  const factors = { left: new Float32Array(rows * rank), right: new Float32Array(rank * columns), rank };
  let at = 0;
  forEachVector(groups, (bits, index) => {
    const targets: [number, UnpackTarget][] = [
      [rows, { values: factors.left, start: index, stride: rank }],
      [columns, { values: factors.right, start: index * columns }],
    ];
    for (const [length, target] of targets) {
      unpackVector(data, at, length, bits, target);
      at += packedLength(length, bits);
    }
  });
  return factors;
}

function forEachVector(groups: readonly RankGroup[], visit: (bits: RankGroup['bits'], index: number) => void): void {
  groups.flatMap(({ rank, bits }) => Array.from({ length: rank }, () => bits)).forEach(visit);
}

/** Adds the product of factors to a matrix [rows, columns] in place. */
export function addProduct(matrix: Vector, dims: readonly number[], { left, right, rank }: Factors, sign: 1 | -1 = 1): void {
  const columns = dims[1] ?? 0;
  for (let row = 0; row * columns < elementCount(dims); row++) {
    for (let inner = 0; inner < rank; inner++) {
      const factor = sign * (left[row * rank + inner] ?? 0);
      for (let column = 0, at = row * columns; column < columns; column++, at++) {
        matrix[at] = (matrix[at] ?? 0) + factor * (right[inner * columns + column] ?? 0);
      }
    }
  }
}
