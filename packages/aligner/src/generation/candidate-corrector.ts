import { parseWith, promptText, type Aligner, type Criterion, type Exchange, type TextGenerator } from '@align-squad/core';
import { z } from 'zod';
import { createFormatDialect, type AlignerFormat } from './aligner-format.js';
import { drawAnswers, type AnswerFunction, type AnswerSource } from './draw-answers.js';
import { formatSchema } from './format-aligner.js';
import { createGenerationAligner, type GenerationAlignerOptions } from './generation-aligner.js';
import { criteriaSchema, generationShape, generatorSchema, type GenerationOptions, type ResolvedGenerationOptions } from './generation-options.js';
import { createChatDialect, type LlmAnswerFormat } from './llm-aligner.js';

/** Options of `createCandidateCorrector`. */
export interface CandidateCorrectorOptions extends GenerationOptions {
  /** Where further answers to the prompt come from, asked in turn. At least one. */
  readonly sources: readonly AnswerSource[];
  /** Rewrites the response with the further answers at hand: a chat model, or one trained in `format`. */
  readonly corrector: TextGenerator;
  /** What to align to. At least one. */
  readonly criteria: readonly Criterion[];
  /** Further answers to draw for a prompt, 1 to 32. @default one from each source */
  readonly answers?: number | undefined;
  /** Most draws at a time. @default 4 */
  readonly concurrency?: number | undefined;
  /** How the corrector is asked: as a chat model, or in a format such as `lmcorFormat`. @default 'json' */
  readonly format?: LlmAnswerFormat | AlignerFormat | undefined;
}

interface ResolvedOptions extends ResolvedGenerationOptions {
  readonly sources: readonly AnswerSource[];
  readonly corrector: TextGenerator;
  readonly criteria: readonly Criterion[];
  readonly answers?: number | undefined;
  readonly concurrency: number;
  readonly format: LlmAnswerFormat | AlignerFormat;
}

const optionsSchema: z.ZodType<ResolvedOptions> = z.strictObject({
  ...generationShape,
  sources: z.array(z.union([generatorSchema, z.custom<AnswerFunction>((value) => typeof value === 'function')])).min(1),
  corrector: generatorSchema,
  criteria: criteriaSchema,
  answers: z.number().int().min(1).max(32).optional(),
  concurrency: z.number().int().min(1).default(4),
  format: z.union([z.enum(['json', 'plain']), formatSchema]).default('json'),
});

// Criteria and further rewrites of one exchange come one after the other, those of others in between.
const keptPrompts = 16;

/**
 * An aligner that draws further answers to the prompt and has a corrector make one good answer of them and the response
 * (LMCor, 2305.13514). The last 16 prompts keep their answers. `none` without a prompt, where no source gives an answer
 * other than the response, and where the corrector's answer is none (`createLlmAligner`). A source that fails throws
 * `aligner-failed`.
 * @throws AlignSquadError `invalid-options`.
 */
export function createCandidateCorrector(options: CandidateCorrectorOptions): Aligner {
  const resolved = parseWith(optionsSchema, options, { what: 'options of a candidate corrector', code: 'invalid-options' });
  const { corrector, criteria, format, candidates, temperature, maxTokens, maxCharacters } = resolved;
  const dialect = typeof format === 'string' ? createChatDialect(format, criteria) : createFormatDialect(format);
  const sources = resolved.sources.map((source) => (typeof source === 'function' ? 'function' : source.version));
  return createGenerationAligner({
    version: `candidate-corrector/1+${dialect.name}+${[corrector.version, ...sources].join('+')}`,
    criteria: criteria.map(({ id }) => id),
    generator: corrector,
    dialect,
    live: false,
    drawAnswers: createDraw(resolved),
    candidates,
    temperature,
    maxTokens,
    maxCharacters,
  });
}

/** Draws the answers of an exchange, once a prompt and context. */
function createDraw(options: ResolvedOptions): NonNullable<GenerationAlignerOptions['drawAnswers']> {
  const kept = new Map<string, readonly string[]>();
  const draw = async ({ prompt, context }: Exchange, signal: AbortSignal | undefined): Promise<readonly string[]> => {
    const key = JSON.stringify([prompt, context]);
    const known = kept.get(key);
    if (known) return known;
    const answers = await drawAnswers({ prompt, context }, { ...options, answers: options.answers ?? options.sources.length }, signal);
    // Another draw may bring some.
    if (answers.length > 0) kept.set(key, answers);
    for (const oldest of kept.keys()) {
      if (kept.size <= keptPrompts) break;
      kept.delete(oldest);
    }
    return answers;
  };
  return async (exchange, signal) => {
    if (promptText(exchange.prompt).trim() === '') return undefined;
    const others = (await draw(exchange, signal)).filter((answer) => answer !== exchange.response.trim());
    return others.length === 0 ? undefined : others;
  };
}
