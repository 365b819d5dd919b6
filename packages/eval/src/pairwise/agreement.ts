import { invalidDataset } from '../metrics/scored.js';

/** How far annotators agree on the pairs that more than one of them answered. */
export interface AnnotatorAgreement {
  readonly annotators: number;
  /** Pairs with two or more answers. */
  readonly pairs: number;
  /** Chance that two answers to one pair are the same, in [0, 1], the mean over pairs; absent without such pairs. */
  readonly agreement?: number | undefined;
  /** Fleiss' kappa, at most 1, 0 for chance; absent without such pairs, or where all answers are the same. */
  readonly kappa?: number | undefined;
}

/**
 * Agreement and Fleiss' kappa (Fleiss 1971) of answers counted by category [items][categories]. Items may have different
 * numbers of answers, each two or more; with one number for all this is Fleiss' own kappa.
 * @throws AlignSquadError `invalid-dataset` for an item with fewer than two answers.
 */
export function fleissKappa(counts: readonly (readonly number[])[]): Pick<AnnotatorAgreement, 'agreement' | 'kappa'> {
  if (counts.length === 0) return {};
  const sizes = counts.map((row) => sumOf(row));
  if (sizes.some((size) => size < 2)) throw invalidDataset('Expected two or more answers to each item.');
  const agreement = sumOf(counts.map((row, item) => agreementOf(row, sizes[item] ?? 0))) / counts.length;
  const answers = sumOf(sizes);
  const categories = Math.max(...counts.map((row) => row.length));
  const shares = Array.from({ length: categories }, (_, category) => sumOf(counts.map((row) => row[category] ?? 0)) / answers);
  const chance = sumOf(shares.map((share) => share ** 2));
  return { agreement, ...(chance < 1 && { kappa: (agreement - chance) / (1 - chance) }) };
}

/** Share of the ordered pairs of answers that are the same. */
function agreementOf(row: readonly number[], size: number): number {
  return sumOf(row.map((count) => count * (count - 1))) / (size * (size - 1));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
