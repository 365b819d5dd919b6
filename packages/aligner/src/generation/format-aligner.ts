import { parseWith, type Aligner, type TextGenerator } from '@align-squad/core';
import { z } from 'zod';
import { createFormatDialect, type AlignerFormat } from './aligner-format.js';
import { createGenerationAligner } from './generation-aligner.js';
import { criterionIdsSchema, generationShape, generatorSchema, isRecord, type GenerationOptions, type ResolvedGenerationOptions } from './generation-options.js';

/** Options of `createFormatAligner`. */
export interface FormatAlignerOptions extends GenerationOptions {
  /** The trained aligner: a server that completes plain text, or a local decoder or encoder-decoder. */
  readonly generator: TextGenerator;
  /** Ids of the criteria that the model was trained for. At least one. */
  readonly criteria: readonly string[];
  /** The text format that the model was trained in: `squadFormat`, `questionAnswerFormat`, `pkuAlignerFormat`, or your own. */
  readonly format: AlignerFormat;
}

interface ResolvedOptions extends ResolvedGenerationOptions {
  readonly generator: TextGenerator;
  readonly criteria: readonly string[];
  readonly format: AlignerFormat;
}

/** Schema of a format. */
export const formatSchema: z.ZodType<AlignerFormat> = z.custom<AlignerFormat>(
  (value) =>
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    typeof value['layout'] === 'function' &&
    (value['read'] === undefined || typeof value['read'] === 'function') &&
    (value['stop'] === undefined || (Array.isArray(value['stop']) && value['stop'].every((text) => typeof text === 'string' && text !== ''))),
);

const optionsSchema: z.ZodType<ResolvedOptions> = z.strictObject({
  ...generationShape,
  generator: generatorSchema,
  criteria: criterionIdsSchema,
  format: formatSchema,
});

/**
 * An aligner that is a model trained to continue a text format with the rewrite, such as the released models of the papers.
 * The model sees what the format lays out: prompt and response, and no context with the formats of this package.
 * `none` where the rewrite was cut, is blank, or is the response or the prompt again.
 * @throws AlignSquadError `invalid-options`.
 */
export function createFormatAligner(options: FormatAlignerOptions): Aligner {
  const { format, ...rest } = parseWith(optionsSchema, options, { what: 'options of a format aligner', code: 'invalid-options' });
  return createGenerationAligner({
    ...rest,
    version: `format-aligner/1+${format.name}+${rest.generator.version}`,
    dialect: createFormatDialect(format),
    live: false,
  });
}
