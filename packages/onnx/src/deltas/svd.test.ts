import { createRandom } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { jacobiSvd, type Svd } from './jacobi-svd.js';
import { truncatedSvd, type Matrix } from './truncated-svd.js';
import { dot, orthonormalize } from './vectors.js';

/** Orthonormal vectors of a length. */
function basis(count: number, length: number, seed: number): Float64Array[] {
  const random = createRandom(seed);
  const vectors = Array.from({ length: count }, () => Float64Array.from({ length }, () => random.normal()));
  orthonormalize(vectors);
  return vectors;
}

/** A matrix with these singular values. */
function matrixOf(rows: number, columns: number, singular: readonly number[]): Matrix {
  const [left, right] = [basis(singular.length, rows, 1), basis(singular.length, columns, 2)];
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = singular.reduce((sum, value, k) => sum + value * (left[k]?.[row] ?? 0) * (right[k]?.[column] ?? 0), 0);
    }
  }
  return { rows, columns, values };
}

/** Frobenius norm of what a decomposition leaves of a matrix. */
function remainder({ rows, columns, values }: Matrix, { left, values: singular, right }: Svd): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const made = singular.reduce((total, value, k) => total + value * (left[k]?.[row] ?? 0) * (right[k]?.[column] ?? 0), 0);
      sum += ((values[row * columns + column] ?? 0) - made) ** 2;
    }
  }
  return Math.sqrt(sum);
}

function expectOrthonormal(vectors: readonly Float64Array[]): void {
  for (const [i, a] of vectors.entries()) for (const [j, b] of vectors.entries()) expect(dot(a, b)).toBeCloseTo(i === j ? 1 : 0, 8);
}

const random = (): ReturnType<typeof createRandom> => createRandom(9);

describe('a full decomposition', () => {
  test('of a matrix that is known by hand', () => {
    // [[3, 0], [4, 5]] has the singular values sqrt(45) and sqrt(5).
    const { values } = jacobiSvd([Float64Array.of(3, 4), Float64Array.of(0, 5)]);
    expect(values[0]).toBeCloseTo(Math.sqrt(45), 12);
    expect(values[1]).toBeCloseTo(Math.sqrt(5), 12);
  });

  test.each([[12, 12], [40, 9], [9, 40], [7, 6]])('of %i x %i values gives back singular values and matrix', (rows, columns) => {
    const singular = [9, 4, 4, 1, 0.5, 0.01];
    const matrix = matrixOf(rows, columns, singular);
    const svd = truncatedSvd(matrix, { rank: 6, random: random() });
    expect(svd.values).toEqual(singular.map((value) => expect.closeTo(value, 5) as number));
    expectOrthonormal(svd.left);
    expectOrthonormal(svd.right);
    expect(remainder(matrix, svd)).toBeLessThan(1e-5);
  });

  test('leaves what the cut values make, and no more', () => {
    const matrix = matrixOf(20, 16, [8, 4, 2, 1]);
    expect(remainder(matrix, truncatedSvd(matrix, { rank: 2, random: random() }))).toBeCloseTo(Math.sqrt(2 ** 2 + 1), 4);
  });

  test('of a matrix of a lower rank has no values of rounding', () => {
    expect(truncatedSvd(matrixOf(30, 20, [5, 3]), { rank: 10, random: random() }).values).toHaveLength(2);
  });

  test('of zeros has no values', () => {
    expect(truncatedSvd({ rows: 3, columns: 4, values: new Float32Array(12) }, { rank: 3, random: random() }).values).toEqual([]);
  });
});

describe('a randomised decomposition', () => {
  const singular = Array.from({ length: 60 }, (_, k) => 10 * 0.9 ** k);

  test.each([[150, 90], [90, 150]])('of %i x %i values is as good as the full one', (rows, columns) => {
    const matrix = matrixOf(rows, columns, singular);
    const svd = truncatedSvd(matrix, { rank: 12, random: random(), fullUpTo: 10 });
    svd.values.forEach((value, k) => expect(value / (singular[k] ?? 0)).toBeCloseTo(1, 3));
    expectOrthonormal(svd.left);
    expectOrthonormal(svd.right);
    const best = Math.sqrt(singular.slice(12).reduce((sum, value) => sum + value * value, 0));
    expect(remainder(matrix, svd)).toBeLessThan(1.001 * best);
  });

  test('repeats with its seed', () => {
    const matrix = matrixOf(60, 50, singular.slice(0, 40));
    const run = (): Svd => truncatedSvd(matrix, { rank: 5, random: random(), fullUpTo: 10 });
    expect(run()).toEqual(run());
  });
});
