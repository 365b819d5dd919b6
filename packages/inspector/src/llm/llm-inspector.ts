import { parseWith, type Criterion, type Defined, type Inspector, type TextGenerator } from '@align-squad/core';
import { askForLabel } from '@align-squad/llm/prompts';
import { z } from 'zod';
import { criteriaSchema, textCriteria, thresholdsSchema } from '../contract/criterion-options.js';
import { defineInspector } from '../contract/define-inspector.js';
import { createLimiter } from '../contract/limiter.js';
import { judgePieces } from '../text/judge-pieces.js';
import { askLabel } from './ask-label.js';

/** Options of `createLlmInspector`. */
export interface LlmInspectorOptions {
  /** The language model that judges. */
  readonly generator: TextGenerator;
  /** Judged by their descriptions and principles; at least one, each id once. */
  readonly criteria: readonly Criterion[];
  /** Answers that are counted where the model tells no log-probabilities, 1 to 99. @default 5 */
  readonly votes?: number | undefined;
  /** Most likely tokens that the model is asked to tell of, 0 to 20; with 0 it is always asked for votes. @default 5 */
  readonly topLogprobs?: number | undefined;
  /** P(misaligned) from which an exchange is flagged, by criterion id, in [0, 1]. @default that of the criterion */
  readonly thresholds?: Readonly<Record<string, number>> | undefined;
  /** Most requests in progress at a time, over all inspections. @default 4 */
  readonly maxConcurrency?: number | undefined;
  /** Most requests for one answer that is a letter. @default 3 */
  readonly maxAttempts?: number | undefined;
  /** Most UTF-16 units of the response, the context and the prompt in one request, from 100. @default 20000 */
  readonly maxCharacters?: number | undefined;
}

type ResolvedLlmInspectorOptions = Defined<Required<LlmInspectorOptions>>;

const optionsSchema: z.ZodType<ResolvedLlmInspectorOptions> = z.strictObject({
  generator: z.custom<TextGenerator>((value) => typeof (value as Partial<TextGenerator> | undefined)?.generate === 'function'),
  criteria: criteriaSchema,
  votes: z.int().min(1).max(99).default(5),
  topLogprobs: z.int().min(0).max(20).default(5),
  thresholds: thresholdsSchema.default({}),
  maxConcurrency: z.int().min(1).default(4),
  maxAttempts: z.int().min(1).default(3),
  maxCharacters: z.int().min(100).default(20_000),
});

/**
 * Creates an inspector that asks a language model whether a response follows the principles of a criterion, a request a
 * criterion: P(misaligned) by the log-probabilities of the answer's letter, otherwise by votes at temperature 1, with
 * seeds 0 to votes - 1 (LLM chain ensembles, 2410.13006). The texts of an exchange are JSON strings in the prompt, so
 * that nothing in them can end them. An answer that is no letter is asked for again, and at last the criterion is
 * `unknown`, reason `failed`.
 * A response of more than `maxCharacters` is inspected in overlapping pieces, each with the three parts of the context
 * that it shares most words with, and its worst piece counts; of a longer prompt the start and the end are kept.
 * @throws AlignSquadError `invalid-options`; an inspection rejects with `inspector-failed` when the model fails.
 */
export function createLlmInspector(options: LlmInspectorOptions): Inspector {
  const { criteria, thresholds, maxConcurrency, maxCharacters, ...asking } = parseWith(optionsSchema, options, {
    what: 'options of `createLlmInspector`',
    code: 'invalid-options',
  });
  const labelOptions = { ...asking, limiter: createLimiter(maxConcurrency) };
  return defineInspector({
    version: `llm-inspector/1 ${asking.generator.version}`,
    criteria: textCriteria(criteria, thresholds),
    deterministic: false,
    judge: (exchange, asked, signal) =>
      judgePieces(exchange, {
        criteria: asked,
        maxCharacters,
        signal,
        judge: async (texts) => {
          const labels = asked.map(async ({ id, criterion }): Promise<[string, number][]> => {
            const misalignment = await askLabel(askForLabel(criterion, texts), labelOptions, signal);
            return misalignment === undefined ? [] : [[id, misalignment]];
          });
          return new Map((await Promise.all(labels)).flat());
        },
      }),
  });
}
