import { z } from 'zod';

/** Which kind of model rewrites. */
export type AlignerDesign = 'decoder' | 'encoder-decoder' | 'edit-tagger';

/** Shape of an aligner that is trained from scratch. */
export interface AlignerShape {
  /** @default 128 */
  readonly width?: number | undefined;
  /** @default 4 */
  readonly layers?: number | undefined;
  /** @default 4 */
  readonly attentionHeads?: number | undefined;
  /** Key and value heads of a decoder. @default half of `attentionHeads` */
  readonly keyValueHeads?: number | undefined;
  /** @default three times `width` */
  readonly feedForwardWidth?: number | undefined;
  /** Tokens that the tokenizer learns at most. @default 8192 */
  readonly vocabularySize?: number | undefined;
  /** Phrases that an edit tagger can put in. @default 100 */
  readonly phrases?: number | undefined;
}

/** Settings of an aligner's training. */
export interface AlignerSettings {
  /** @default 'decoder' */
  readonly design?: AlignerDesign | undefined;
  /** `correction`: write the corrections (paper, section 3.3). `preference`: prefer them over the responses (DPO, Rafailov et al. 2023). @default 'correction' */
  readonly objective?: 'correction' | 'preference' | undefined;
  /** How far a preference may move from the base, the beta of DPO. @default 0.1 */
  readonly beta?: number | undefined;
  /** Share of the records that are learned as identities first (PKU Aligner, Ji et al. 2024), in [0, 1]. @default 0.2 */
  readonly identityWarmup?: number | undefined;
  /** Tokens of source and rewrite together; longer records are skipped and counted. @default 512 */
  readonly maxTokens?: number | undefined;
  readonly shape?: AlignerShape | undefined;
}

/** Schema of `AlignerSettings`; unknown keys are rejected. */
export const alignerSettingsSchema: z.ZodType<AlignerSettings> = z.strictObject({
  design: z.enum(['decoder', 'encoder-decoder', 'edit-tagger']).optional(),
  objective: z.enum(['correction', 'preference']).optional(),
  beta: z.number().positive().max(10).optional(),
  identityWarmup: z.number().min(0).max(1).optional(),
  maxTokens: z.int().min(16).max(32_768).optional(),
  shape: z
    .strictObject({
      width: z.int().min(8).max(8192).optional(),
      layers: z.int().min(1).max(128).optional(),
      attentionHeads: z.int().min(1).max(128).optional(),
      keyValueHeads: z.int().min(1).max(128).optional(),
      feedForwardWidth: z.int().min(8).max(65_536).optional(),
      vocabularySize: z.int().min(300).max(262_144).optional(),
      phrases: z.int().min(0).max(10_000).optional(),
    })
    .refine(({ width = 128, attentionHeads = 4 }) => width % attentionHeads === 0)
    .optional(),
});
