import { criterionSchema, type Criterion, type TextGenerator } from '@align-squad/core';
import { z } from 'zod';

/** Options that all aligners over a `TextGenerator` share. */
export interface GenerationOptions {
  /** Rewrites to give of one exchange: the first is greedy, number n from 1 is sampled with seed n. @default 1 */
  readonly candidates?: number | undefined;
  /** Sampling temperature of all rewrites but the first, above 0 and at most 2. @default 0.8 */
  readonly temperature?: number | undefined;
  /** Most tokens of one answer; what they cut is no rewrite. @default 2048 */
  readonly maxTokens?: number | undefined;
  /** Most characters of an exchange and of an answer; beyond them there is no rewrite. @default 100_000 */
  readonly maxCharacters?: number | undefined;
}

/** `GenerationOptions` with every default filled in. */
export interface ResolvedGenerationOptions {
  readonly candidates: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly maxCharacters: number;
}

const count = z.number().int().min(1);

/** Fields of the options' schemas. */
export const generationShape: {
  readonly candidates: z.ZodDefault<z.ZodNumber>;
  readonly temperature: z.ZodDefault<z.ZodNumber>;
  readonly maxTokens: z.ZodDefault<z.ZodNumber>;
  readonly maxCharacters: z.ZodDefault<z.ZodNumber>;
} = {
  candidates: count.max(100).default(1),
  temperature: z.number().gt(0).max(2).default(0.8),
  maxTokens: count.default(2048),
  maxCharacters: count.default(100_000),
};

/** Schema of a language model. */
export const generatorSchema: z.ZodType<TextGenerator> = z.custom<TextGenerator>(
  (value) => isRecord(value) && value['contract'] === 'text-generator/1' && typeof value['generate'] === 'function',
);

/** Schema of the criteria that prompts are made of. */
export const criteriaSchema: z.ZodType<readonly Criterion[]> = z.array(criterionSchema).min(1).refine((criteria) => isUnique(criteria.map(({ id }) => id)));

/** Schema of ids of criteria. */
export const criterionIdsSchema: z.ZodType<readonly string[]> = z.array(z.string().min(1)).min(1).refine(isUnique);

/** Whether a value has fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isUnique(ids: readonly string[]): boolean {
  return new Set(ids).size === ids.length;
}
