import type { Random } from '@align-squad/core';
import { combine, jacobiSvd, type Svd } from './jacobi-svd.js';
import { addScaled, dot, orthonormalize, zeroVectors } from './vectors.js';

/** A matrix of float32 values in row-major order. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** Options of `truncatedSvd`. */
export interface TruncatedSvdOptions {
  /** Singular values wanted; fewer come back of a matrix of lower rank. */
  readonly rank: number;
  readonly random: Random;
  /** Matrices whose smaller side is up to this, or not far above `rank`, are decomposed in full; others by random projections. @default 64 */
  readonly fullUpTo?: number | undefined;
}

// Float32 rounding of two trainings leaves values of this size, relative to the largest, that mean nothing.
const negligible = 1e-5;
const oversampling = 10;
const powerIterations = 3;

/**
 * The largest singular values of a matrix: all of them by Jacobi where it is small, else by a randomised range finder with
 * power iterations (Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.1), whose error is close to that of the best
 * matrix of the rank. Values below a hundred-thousandth of the largest are left out.
 */
export function truncatedSvd(matrix: Matrix, { rank, random, fullUpTo = 64 }: TruncatedSvdOptions): Svd {
  const { rows, columns } = matrix;
  const width = rank + oversampling;
  const isSmall = Math.min(rows, columns) <= Math.max(fullUpTo, 2 * width);
  const { left, values, right } = isSmall ? fullSvd(matrix) : randomizedSvd(matrix, width, random);
  const least = negligible * (values[0] ?? 0);
  const kept = Math.min(rank, values.filter((value) => value > least).length);
  return { left: left.slice(0, kept), values: values.slice(0, kept), right: right.slice(0, kept) };
}

function fullSvd({ rows, columns, values }: Matrix): Svd {
  if (rows >= columns) return jacobiSvd(Array.from({ length: columns }, (_, column) => Float64Array.from({ length: rows }, (_row, row) => values[row * columns + column] ?? 0)));
  const { left, right, ...rest } = jacobiSvd(rowsOf({ rows, columns, values }).map((row) => Float64Array.from(row)));
  return { ...rest, left: right, right: left };
}

function randomizedSvd(matrix: Matrix, width: number, random: Random): Svd {
  const lines = rowsOf(matrix);
  const starts = zeroVectors(width, matrix.columns).map((vector) => vector.map(() => random.normal()));
  let range = project(lines, starts);
  orthonormalize(range);
  for (let iteration = 0; iteration < powerIterations; iteration++) {
    const inputs = projectBack(lines, range, matrix.columns);
    orthonormalize(inputs);
    range = project(lines, inputs);
    orthonormalize(range);
  }
  // A = range * B with few rows in B, whose transpose is decomposed.
  const { left, values, right } = jacobiSvd(projectBack(lines, range, matrix.columns));
  return { left: right.map((weights) => combine(range, weights)), values, right: left };
}

/** The rows of a matrix, as views. */
function rowsOf({ rows, columns, values }: Matrix): Float32Array[] {
  return Array.from({ length: rows }, (_, row) => values.subarray(row * columns, (row + 1) * columns));
}

function project(lines: readonly Float32Array[], vectors: readonly Float64Array[]): Float64Array[] {
  return vectors.map((vector) => Float64Array.from(lines, (line) => dot(line, vector)));
}

function projectBack(lines: readonly Float32Array[], vectors: readonly Float64Array[], columns: number): Float64Array[] {
  return vectors.map((vector) => {
    const sum = new Float64Array(columns);
    lines.forEach((line, index) => addScaled(sum, line, vector[index] ?? 0));
    return sum;
  });
}
