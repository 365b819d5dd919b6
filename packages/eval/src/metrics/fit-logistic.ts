/** One row of a small logistic regression. */
export interface FitRow {
  readonly features: readonly number[];
  readonly label: 0 | 1;
}

interface TargetRow {
  /** Features, then 1 for the bias. */
  readonly values: readonly number[];
  readonly target: number;
}

const iterations = 100;

/**
 * Logistic regression of a few features by Newton's method with step halving, with Platt's (1999) smoothed targets
 * against overfitting. Returns a weight a feature, then the bias.
 */
export function fitLogistic(rows: readonly FitRow[]): number[] {
  const positives = rows.filter(({ label }) => label === 1).length;
  const targets = { 0: 1 / (rows.length - positives + 2), 1: (positives + 1) / (positives + 2) };
  const data = rows.map(({ features, label }): TargetRow => ({ values: [...features, 1], target: targets[label] }));
  let weights = Array.from({ length: data[0]?.values.length ?? 1 }, () => 0);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const step = newtonStep(data, weights);
    const before = lossOf(data, weights);
    let size = 1;
    const moved = (): number[] => weights.map((weight, at) => weight - size * (step[at] ?? 0));
    while (size > 1e-6 && !(lossOf(data, moved()) <= before)) size /= 2;
    if (size <= 1e-6) break;
    weights = moved();
  }
  return weights;
}

function logitOf(values: readonly number[], weights: readonly number[]): number {
  return values.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0);
}

function lossOf(data: readonly TargetRow[], weights: readonly number[]): number {
  return data.reduce((sum, { values, target }) => {
    const logit = logitOf(values, weights);
    return sum + Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - target * logit;
  }, 0);
}

function newtonStep(data: readonly TargetRow[], weights: readonly number[]): number[] {
  const size = weights.length;
  const gradient = Array.from({ length: size }, () => 0);
  const hessian = gradient.map((_, row) => gradient.map((_value, column) => (row === column ? 1e-6 : 0) as number));
  for (const { values, target } of data) {
    const probability = 1 / (1 + Math.exp(-logitOf(values, weights)));
    values.forEach((value, row) => {
      gradient[row] = (gradient[row] ?? 0) + (probability - target) * value;
      const line = hessian[row] ?? [];
      values.forEach((other, column) => (line[column] = (line[column] ?? 0) + probability * (1 - probability) * value * other));
    });
  }
  return solve(hessian, gradient);
}

/** Solves a small positive system by Gaussian elimination; the inputs are used up. */
function solve(matrix: number[][], right: number[]): number[] {
  const at = (row: number, column: number): number => matrix[row]?.[column] ?? 0;
  right.forEach((_, pivot) => {
    matrix.forEach((line, row) => {
      if (row === pivot) return;
      const factor = at(row, pivot) / at(pivot, pivot);
      line.forEach((value, column) => (line[column] = value - factor * at(pivot, column)));
      right[row] = (right[row] ?? 0) - factor * (right[pivot] ?? 0);
    });
  });
  return right.map((value, row) => value / at(row, row));
}
