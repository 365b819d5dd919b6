import { parseWith, type Aligner, type Criterion, type TextGenerator } from '@align-squad/core';
import { z } from 'zod';
import { createCritiqueDialect } from './critique-dialect.js';
import { createGenerationAligner } from './generation-aligner.js';
import { criteriaSchema, generationShape, generatorSchema, type GenerationOptions, type ResolvedGenerationOptions } from './generation-options.js';
import { createPlainDialect } from './plain-dialect.js';
import type { RewriteDialect } from './rewrite-dialect.js';

/** How a chat model answers: with a critique and a correction as JSON, or with the corrected response alone. */
export type LlmAnswerFormat = 'json' | 'plain';

/** Options of `createLlmAligner`. */
export interface LlmAlignerOptions extends GenerationOptions {
  /** A chat model. */
  readonly generator: TextGenerator;
  /** What to align to: principles and demonstrations of these are the whole training. At least one. */
  readonly criteria: readonly Criterion[];
  /** `plain` is for models that are bad at JSON; it finds faults less surely, as no critique comes first. @default 'json' */
  readonly format?: LlmAnswerFormat | undefined;
  /**
   * Give the text of a `plain` answer as it comes, once it differs from the response; a rewrite that is then cut throws
   * `aligner-failed`. Otherwise text is held until the rewrite is whole. @default false
   */
  readonly live?: boolean | undefined;
}

interface ResolvedOptions extends ResolvedGenerationOptions {
  readonly generator: TextGenerator;
  readonly criteria: readonly Criterion[];
  readonly format: LlmAnswerFormat;
  readonly live: boolean;
}

const optionsSchema: z.ZodType<ResolvedOptions> = z
  .strictObject({
    ...generationShape,
    generator: generatorSchema,
    criteria: criteriaSchema,
    format: z.enum(['json', 'plain']).default('json'),
    live: z.boolean().default(false),
  })
  .refine(({ format, live }) => !live || format === 'plain', { path: ['live'] });

/**
 * An aligner that needs no training: a chat model rewrites by the principles and demonstrations of the criterion (URIAL,
 * 2312.01552), and is told the sentences that the verdict blames. Texts of users and models are data in its prompts.
 * `none` where the answer finds nothing wrong, can't be read, was cut, is blank, or is the response or the prompt again.
 * @throws AlignSquadError `invalid-options`.
 */
export function createLlmAligner(options: LlmAlignerOptions): Aligner {
  const { criteria, format, ...rest } = parseWith(optionsSchema, options, { what: 'options of an LLM aligner', code: 'invalid-options' });
  return createGenerationAligner({
    ...rest,
    version: `llm-aligner/1+${format}+${rest.generator.version}`,
    criteria: criteria.map(({ id }) => id),
    dialect: createChatDialect(format, criteria),
  });
}

/** The way to ask a chat model that answers so. */
export function createChatDialect(format: LlmAnswerFormat, criteria: readonly Criterion[]): RewriteDialect {
  return format === 'json' ? createCritiqueDialect(criteria) : createPlainDialect(criteria);
}
