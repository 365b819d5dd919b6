/** One row of a small logistic regression. */
export interface FitRow {
  readonly features: readonly number[];
  readonly label: 0 | 1;
}

/**
 * Logistic regression of a few features by Newton's method, with Platt's (1999) smoothed targets against overfitting.
 * Returns a weight a feature, then the bias.
 */
export function fitLogistic(rows: readonly FitRow[]): number[] {
  const positives = rows.filter(({ label }) => label === 1).length;
  const targets = [1 / (rows.length - positives + 2), (positives + 1) / (positives + 2)];
  const size = (rows[0]?.features.length ?? 0) + 1;
  let weights = Array.from({ length: size }, (_, at) => (at < size - 1 ? 1 / Math.max(1, size - 1) : 0));
  for (let iteration = 0; iteration < 50; iteration++) {
    const gradient = new Float64Array(size);
    const hessian = Array.from({ length: size }, (_, at) => Float64Array.from({ length: size }, (_value, other) => (at === other ? 1e-4 : 0)));
    for (const { features, label } of rows) {
      const row = [...features, 1];
      const logit = row.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0);
      const probability = 1 / (1 + Math.exp(-logit));
      const error = probability - (targets[label] ?? label);
      row.forEach((value, at) => {
        gradient[at] = (gradient[at] ?? 0) + error * value;
        const line = hessian[at];
        row.forEach((other, column) => line?.fill((line[column] ?? 0) + probability * (1 - probability) * value * other, column, column + 1));
      });
    }
    const step = solve(hessian, gradient);
    weights = weights.map((weight, at) => weight - (step[at] ?? 0));
  }
  return weights;
}

/** Solves a small symmetric positive system by Gaussian elimination; the inputs are used up. */
function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const at = (row: number, column: number): number => matrix[row]?.[column] ?? 0;
  for (let pivot = 0; pivot < right.length; pivot++) {
    for (let row = 0; row < right.length; row++) {
      if (row === pivot) continue;
      const factor = at(row, pivot) / at(pivot, pivot);
      const line = matrix[row];
      for (let column = pivot; column < right.length; column++) line?.fill(at(row, column) - factor * at(pivot, column), column, column + 1);
      right[row] = (right[row] ?? 0) - factor * (right[pivot] ?? 0);
    }
  }
  return right.map((value, row) => value / at(row, row));
}
