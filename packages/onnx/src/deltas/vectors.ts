/** Numbers of one row or column. */
export type Vector = Float32Array | Float64Array;

/** Sum of the products of two vectors of one length. */
export function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

/** Adds `factor` times `source` to `target`. */
export function addScaled(target: Vector, source: Vector, factor: number): void {
  for (let at = 0; at < target.length; at++) target[at] = (target[at] ?? 0) + factor * (source[at] ?? 0);
}

/** Multiplies a vector in place. */
export function scale(target: Vector, factor: number): void {
  for (let at = 0; at < target.length; at++) target[at] = (target[at] ?? 0) * factor;
}

/** Vectors of zeros. */
export function zeroVectors(count: number, length: number): Float64Array[] {
  return Array.from({ length: count }, () => new Float64Array(length));
}

// What is left of a vector that lies in the span of those before it is rounding.
const dependent = 1e-10;

/**
 * Makes vectors orthonormal in place (Gram-Schmidt, each vector twice, which is orthogonal to rounding) and returns the
 * upper triangle R, a column a vector, with given = orthonormal * R. A vector in the span of those before it becomes zero.
 */
export function orthonormalize(vectors: readonly Float64Array[]): Float64Array[] {
  const triangle = zeroVectors(vectors.length, vectors.length);
  vectors.forEach((vector, index) => {
    const column = triangle[index] ?? new Float64Array(0);
    const before = Math.sqrt(dot(vector, vector));
    for (let pass = 0; pass < 2; pass++) {
      for (let former = 0; former < index; former++) {
        const direction = vectors[former] ?? vector;
        const part = dot(direction, vector);
        column[former] = (column[former] ?? 0) + part;
        addScaled(vector, direction, -part);
      }
    }
    const length = Math.sqrt(dot(vector, vector));
    const isNew = length > dependent * before;
    column[index] = isNew ? length : 0;
    scale(vector, isNew ? 1 / length : 0);
  });
  return triangle;
}
