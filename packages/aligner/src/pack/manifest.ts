import { parseWith } from '@align-squad/core';
import { z } from 'zod';

/** The `aligner` section of a pack's manifest. */
export interface AlignerManifest {
  readonly criteria: readonly string[];
  /** ONNX file: `embedding` [batch, width], length 1, from `input_ids` and `attention_mask`. */
  readonly embedder: string;
  readonly tokenizer: string;
  /** JSON file of the replacements: `{ "replacements": [{ "kind", "criterion", "text" }] }`. */
  readonly bank: string;
  /** Binary file of their vectors: int8 [replacements, width], times 1/127. */
  readonly vectors: string;
  readonly width: number;
  /** P(misaligned) from which a sentence counts as faulty, for each of `criteria`, in [0, 1]. */
  readonly sentenceThresholds: Readonly<Record<string, number>>;
  /** Least cosine between a request and a replacement, by kind, in [-1, 1]. */
  readonly leastSimilarity: { readonly sentence: number; readonly response: number };
}

const share = z.number().min(0).max(1);
const cosine = z.number().min(-1).max(1);

const alignerManifestSchema: z.ZodType<AlignerManifest> = z
  .strictObject({
    criteria: z.array(z.string().min(1)).min(1),
    embedder: z.string(),
    tokenizer: z.string(),
    bank: z.string(),
    vectors: z.string(),
    width: z.int().min(1).max(4096),
    sentenceThresholds: z.record(z.string(), share),
    leastSimilarity: z.strictObject({ sentence: cosine, response: cosine }),
  })
  .refine(({ criteria, sentenceThresholds }) => criteria.every((criterion) => sentenceThresholds[criterion] !== undefined), {
    path: ['sentenceThresholds'],
  });

/**
 * Checks the `aligner` section of a manifest.
 * @throws AlignSquadError `pack-invalid`, naming the faulty fields.
 */
export function parseAlignerManifest(value: unknown): AlignerManifest {
  return parseWith(alignerManifestSchema, value, { what: 'a valid `aligner` section in pack.json', code: 'pack-invalid' });
}
