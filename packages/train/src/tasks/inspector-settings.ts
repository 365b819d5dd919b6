import { z } from 'zod';

/** Shape of an inspector that is trained from scratch: an encoder, and n-grams beside it. */
export interface InspectorShape {
  /** @default 128 */
  readonly width?: number | undefined;
  /** @default 4 */
  readonly layers?: number | undefined;
  /** @default 4 */
  readonly attentionHeads?: number | undefined;
  /** @default 512 */
  readonly feedForwardWidth?: number | undefined;
  /** Tokens of a window. @default 320 */
  readonly maxTokens?: number | undefined;
  /** Rows of the hashed n-gram table, a power of two. @default 65536 */
  readonly ngramBuckets?: number | undefined;
  /** Tokens that the tokenizer learns at most. @default 8192 */
  readonly vocabularySize?: number | undefined;
}

/**
 * An expert for texts of another style than the records of a training, such as chat: n-grams of its own records, and a
 * gate that learns to tell which of the two an exchange resembles (mixture of experts, Jacobs et al. 1991).
 */
export interface InspectorExpert {
  /** The criterion that it judges. */
  readonly criterion: string;
  /** Files of records; a tenth of the prompts calibrates it. */
  readonly data: readonly string[];
}

/** Settings of an inspector's training. */
export interface InspectorSettings {
  readonly shape?: InspectorShape | undefined;
  /** Records that the n-gram half learns from. @default `data` */
  readonly ngramData?: readonly string[] | undefined;
  /** Experts for other styles of text. @default [] */
  readonly experts?: readonly InspectorExpert[] | undefined;
  /** Text files that the tokenizer is trained on beside the records, a paragraph a line. @default [] */
  readonly tokenizerTexts?: readonly string[] | undefined;
  /** Share of text tokens hidden in training, against memorising, in [0, 1). @default 0.1 */
  readonly tokenDropout?: number | undefined;
  /** How much ranking pairs and tagging sentences count beside the label of a response. @default 0.5 each */
  readonly lossWeights?: { readonly pair?: number | undefined; readonly sentence?: number | undefined } | undefined;
}

const texts = z.array(z.string().min(1)).min(1);

/** Schema of `InspectorSettings`; unknown keys are rejected. */
export const inspectorSettingsSchema: z.ZodType<InspectorSettings> = z.strictObject({
  shape: z
    .strictObject({
      width: z.int().min(8).max(4096).optional(),
      layers: z.int().min(1).max(64).optional(),
      attentionHeads: z.int().min(1).max(64).optional(),
      feedForwardWidth: z.int().min(8).max(16_384).optional(),
      maxTokens: z.int().min(64).max(8192).optional(),
      ngramBuckets: z.int().min(2).max(2 ** 24).refine((size) => (size & (size - 1)) === 0).optional(),
      vocabularySize: z.int().min(300).max(262_144).optional(),
    })
    .refine(({ width = 128, attentionHeads = 4 }) => width % attentionHeads === 0)
    .optional(),
  ngramData: texts.optional(),
  experts: z.array(z.strictObject({ criterion: z.string().min(1), data: texts })).optional(),
  tokenizerTexts: texts.optional(),
  tokenDropout: z.number().min(0).lt(1).optional(),
  lossWeights: z.strictObject({ pair: z.number().min(0).optional(), sentence: z.number().min(0).optional() }).optional(),
});
