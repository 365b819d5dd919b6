import { dot, orthonormalize, scale, zeroVectors } from './vectors.js';

/** A matrix as the sum of `values[k] * left[k] right[k]^T`, the largest value first; left and right vectors are orthonormal. */
export interface Svd {
  readonly left: readonly Float64Array[];
  readonly values: readonly number[];
  readonly right: readonly Float64Array[];
}

// Columns whose cosine is below count as orthogonal.
const orthogonal = 1e-13;
const mostSweeps = 60;

/**
 * All singular values of a matrix given by its columns, no more of them than rows: one-sided Jacobi (Hestenes 1958), which
 * turns pairs of columns until all are orthogonal, after a QR step where the matrix is tall. `columns` is used up.
 * A left vector of the value 0 is 0.
 */
export function jacobiSvd(columns: readonly Float64Array[]): Svd {
  const rows = columns[0]?.length ?? 0;
  if (rows < 2 * columns.length) return rotate(columns);
  const inner = rotate(orthonormalize(columns));
  return { ...inner, left: inner.left.map((vector) => combine(columns, vector)) };
}

/** The sum of the vectors, each times its weight. */
export function combine(vectors: readonly Float64Array[], weights: Float64Array): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  vectors.forEach((vector, index) => {
    const weight = weights[index] ?? 0;
    for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + weight * (vector[at] ?? 0);
  });
  return sum;
}

function rotate(columns: readonly Float64Array[]): Svd {
  const right = zeroVectors(columns.length, columns.length);
  right.forEach((vector, index) => (vector[index] = 1));
  for (let sweep = 0, hasTurned = true; hasTurned && sweep < mostSweeps; sweep++) hasTurned = sweepOnce(columns, right);
  const order = columns
    .map((column, index) => ({ column, direction: right[index] ?? column, value: Math.sqrt(dot(column, column)) }))
    .sort((a, b) => b.value - a.value);
  for (const { column, value } of order) scale(column, value === 0 ? 0 : 1 / value);
  return { left: order.map(({ column }) => column), values: order.map(({ value }) => value), right: order.map(({ direction }) => direction) };
}

/** Turns each pair of columns once; false when all were orthogonal. */
function sweepOnce(columns: readonly Float64Array[], right: readonly Float64Array[]): boolean {
  let hasTurned = false;
  const squares = columns.map((column) => dot(column, column));
  for (let first = 0; first < columns.length; first++) {
    for (let second = first + 1; second < columns.length; second++) {
      const [a, b, x, y] = [columns[first], columns[second], right[first], right[second]];
      if (!a || !b || !x || !y) continue;
      const [p = 0, q = 0, product] = [squares[first], squares[second], dot(a, b)];
      if (product === 0 || Math.abs(product) <= orthogonal * Math.sqrt(p * q)) continue;
      hasTurned = true;
      const ratio = (q - p) / (2 * product);
      const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
      turn(a, b, tangent);
      turn(x, y, tangent);
      squares[first] = p - tangent * product;
      squares[second] = q + tangent * product;
    }
  }
  return hasTurned;
}

function turn(a: Float64Array, b: Float64Array, tangent: number): void {
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = tangent * cosine;
  for (let at = 0; at < a.length; at++) {
    const [p = 0, q = 0] = [a[at], b[at]];
    a[at] = cosine * p - sine * q;
    b[at] = sine * p + cosine * q;
  }
}
