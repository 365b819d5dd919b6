import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { RankGroup } from './delta.js';

/** How much of a change is kept. */
export interface DeltaBudget {
  /** Singular vectors of each matrix. @default 64 */
  readonly rank?: number | undefined;
  /** Their precision from the largest singular values on, instead of the split of `rank`. @default a 16th of the rank in 8 bits, 3 16ths in 4, the rest in 2 */
  readonly groups?: readonly RankGroup[] | undefined;
}

const rank = z.int().min(1).max(65_536);

const budgetSchema: z.ZodType<DeltaBudget> = z
  .strictObject({
    rank: rank.optional(),
    groups: z.array(z.strictObject({ rank, bits: z.union([z.literal(2), z.literal(3), z.literal(4), z.literal(8)]) })).min(1).optional(),
  })
  .refine((budget) => budget.rank === undefined || budget.groups === undefined, { path: ['groups'] });

/**
 * The groups of a budget.
 * @throws AlignSquadError `invalid-options`, also for `rank` and `groups` together.
 */
export function resolveBudget(budget: DeltaBudget): readonly RankGroup[] {
  const { rank: total = 64, groups } = parseWith(budgetSchema, budget, { what: 'the budget of a delta', code: 'invalid-options' });
  if (groups !== undefined) return groups;
  const [first, second] = [Math.ceil(total / 16), Math.ceil((3 * total) / 16)];
  const split: RankGroup[] = [{ rank: first, bits: 8 }, { rank: Math.min(second, total - first), bits: 4 }, { rank: total - first - second, bits: 2 }];
  return split.filter((group) => group.rank > 0);
}
