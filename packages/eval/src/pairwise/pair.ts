import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import { invalidDataset } from '../metrics/scored.js';

/** What was written first and what an aligner made of it. */
export interface ResponsePair {
  /** Names the pair in sheets and decisions; each id once. */
  readonly id: string;
  readonly prompt?: string | undefined;
  /** Text that the responses must be grounded in. */
  readonly context?: string | undefined;
  /** Id of the criterion that they are compared by. @default which is better on the whole */
  readonly criterion?: string | undefined;
  readonly original: string;
  readonly aligned: string;
}

const pairsSchema: z.ZodType<ResponsePair[]> = z.array(
  z.strictObject({
    id: z.string().min(1),
    prompt: z.string().optional(),
    context: z.string().optional(),
    criterion: z.string().min(1).optional(),
    original: z.string(),
    aligned: z.string(),
  }),
);

/**
 * The pairs, checked.
 * @throws AlignSquadError `invalid-dataset` naming the place of a faulty pair, or when an id comes twice.
 */
export function parsePairs(pairs: readonly ResponsePair[]): readonly ResponsePair[] {
  const parsed = parseWith(pairsSchema, pairs, { what: 'pairs of responses', code: 'invalid-dataset' });
  assertDistinct(parsed, 'pair');
  return parsed;
}

/** Checks that each id comes once. @throws AlignSquadError `invalid-dataset` naming the place of the first that came before. */
export function assertDistinct(items: readonly { readonly id: string }[], what: string): void {
  const seen = new Set<string>();
  items.forEach(({ id }, index) => {
    if (seen.has(id)) throw invalidDataset(`Expected each ${what} to have an id of its own, but number ${index + 1} has that of another one.`);
    seen.add(id);
  });
}
