import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { LayoutTokenNames } from '../format/special-ids.js';

/** One head of a pack's inspector. */
export interface InspectorHead {
  readonly criterion: string;
  /** Without a context the criterion is not judged. */
  readonly needsContext: boolean;
  /** P(misaligned) from which an exchange is flagged, in [0, 1]. */
  readonly threshold: number;
  /** The same for a response that is still being written; null where only a whole one can be judged. @default `threshold` */
  readonly unfinishedThreshold?: number | null | undefined;
  /** P(misaligned) = sigmoid(scale * logit + bias) (Platt 1999). */
  readonly calibration: { readonly scale: number; readonly bias: number };
  /** How a response that takes several windows is judged: by its worst stretch, or by their mean. */
  readonly acrossStretches: 'max' | 'mean';
}

/** The `inspector` section of a pack's manifest. */
export interface InspectorManifest {
  /**
   * ONNX file: `logits` [batch, heads] and, where it scores sentences, `sentence_logits` [batch, sequence, heads] from
   * `input_ids` and `attention_mask`; `token_type_ids` are zeros.
   */
  readonly model: string;
  readonly tokenizer: string;
  /** Names of the layout's tokens in the tokenizer. @default those of `exchangeTokens` */
  readonly tokens?: LayoutTokenNames | undefined;
  /** Value of the graph that further training builds on; not read here. */
  readonly features?: string | undefined;
  readonly limits: { readonly maxTokens: number; readonly promptTokens: number; readonly contextTokens: number };
  /** In the order of the model's outputs, each criterion once. */
  readonly heads: readonly InspectorHead[];
}

const name = z.string().min(1);
const probability = z.number().min(0).max(1);

const inspectorManifestSchema: z.ZodType<InspectorManifest> = z.strictObject({
  model: z.string(),
  tokenizer: z.string(),
  tokens: z.strictObject({ pad: name, start: name, separator: name, sentence: name.optional(), mask: name.optional() }).optional(),
  features: name.optional(),
  limits: z.strictObject({
    maxTokens: z.int().min(64).max(65_536),
    promptTokens: z.int().min(1),
    contextTokens: z.int().min(1),
  }).refine(({ maxTokens, promptTokens, contextTokens }) => maxTokens >= promptTokens + contextTokens + 32),
  heads: z.array(
    z.strictObject({
      criterion: z.string().min(1),
      needsContext: z.boolean(),
      threshold: probability,
      unfinishedThreshold: probability.nullable().optional(),
      calibration: z.strictObject({ scale: z.number().positive(), bias: z.number() }),
      acrossStretches: z.enum(['max', 'mean']),
    }),
  ).min(1).refine((heads) => new Set(heads.map(({ criterion }) => criterion)).size === heads.length),
});

/**
 * Checks the `inspector` section of a manifest.
 * @throws AlignSquadError `pack-invalid`, naming the faulty fields.
 */
export function parseInspectorManifest(value: unknown): InspectorManifest {
  return parseWith(inspectorManifestSchema, value, { what: 'a valid `inspector` section in pack.json', code: 'pack-invalid' });
}
