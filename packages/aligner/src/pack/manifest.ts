import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { AlignerTokenNames } from '../format/aligner-tokens.js';

/** An aligner that keeps, deletes or replaces sentences, with replacements from a bank and from the context. */
export interface SentenceEditsManifest {
  /** @default 'sentence-edits' */
  readonly design?: 'sentence-edits' | undefined;
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

interface GenerativeManifest {
  readonly criteria: readonly string[];
  readonly tokenizer: string;
  /** JSON file that says how many heads the KV cache has and how wide they are. @default 'config.json' */
  readonly config?: string | undefined;
  /** Most tokens of a rewrite; one that is longer is none. @default 512 */
  readonly maxNewTokens?: number | undefined;
  /** Names of the layout's tokens in the tokenizer, where they differ. */
  readonly tokens?: AlignerTokenNames | undefined;
}

/** An aligner that writes the rewrite with a decoder (paper, section 3.3). */
export interface DecoderManifest extends GenerativeManifest {
  readonly design: 'decoder';
  /** ONNX file in the layout of transformers.js, KV cache included: see `createDecodeSession`. */
  readonly model: string;
  /** Most tokens of source and rewrite together. */
  readonly maxTokens: number;
}

/** An aligner that writes the rewrite with an encoder and a decoder. */
export interface EncoderDecoderManifest extends GenerativeManifest {
  readonly design: 'encoder-decoder';
  /** ONNX files in the layout of transformers.js, one decoder for all passes: see `createDecodeSession`. */
  readonly encoder: string;
  readonly decoder: string;
  /** Most tokens of the source, and most of the rewrite. */
  readonly maxTokens: number;
}

/** An aligner that tags the words of the response: keep or delete, with a phrase put before (LaserTagger, Malmi et al. 2019). */
export interface EditTaggerManifest {
  readonly design: 'edit-tagger';
  readonly criteria: readonly string[];
  /** ONNX file: `logits` [batch, sequence, tags] from `input_ids` and `attention_mask`; `countEditTags` of the phrases says how many tags. */
  readonly model: string;
  readonly tokenizer: string;
  /** JSON file: `{ "phrases": ["..."] }`, in the order of the tags. */
  readonly phrases: string;
  /** Most tokens of the source. */
  readonly maxTokens: number;
  /** Names of the layout's tokens in the tokenizer, where they differ. */
  readonly tokens?: AlignerTokenNames | undefined;
}

/** The `aligner` section of a pack's manifest, by `design`. */
export type AlignerManifest = SentenceEditsManifest | DecoderManifest | EncoderDecoderManifest | EditTaggerManifest;

const share = z.number().min(0).max(1);
const cosine = z.number().min(-1).max(1);
const file = z.string().min(1);
const tokenCount = z.int().min(1).max(1_048_576);
const criteria = z.array(z.string().min(1)).min(1).refine((ids) => new Set(ids).size === ids.length);
const tokenName = z.string().min(1).optional();
const roles = ['pad', 'unknown', 'start', 'context', 'init', 'aligned', 'done', 'decoderStart'] as const;
const tokens: z.ZodType<AlignerTokenNames | undefined> = z
  .strictObject(Object.fromEntries(roles.map((role) => [role, tokenName])) as Record<(typeof roles)[number], typeof tokenName>)
  .optional();

const sentenceEditsSchema: z.ZodType<SentenceEditsManifest> = z
  .strictObject({
    design: z.literal('sentence-edits').optional(),
    criteria,
    embedder: file,
    tokenizer: file,
    bank: file,
    vectors: file,
    width: z.int().min(1).max(4096),
    sentenceThresholds: z.record(z.string(), share),
    leastSimilarity: z.strictObject({ sentence: cosine, response: cosine }),
  })
  .refine((section) => section.criteria.every((criterion) => section.sentenceThresholds[criterion] !== undefined), {
    path: ['sentenceThresholds'],
  });

const generative = { criteria, tokenizer: file, config: file.optional(), maxNewTokens: tokenCount.optional(), maxTokens: tokenCount, tokens };

const schemas = {
  'sentence-edits': sentenceEditsSchema,
  decoder: z.strictObject({ design: z.literal('decoder'), model: file, ...generative }),
  'encoder-decoder': z.strictObject({ design: z.literal('encoder-decoder'), encoder: file, decoder: file, ...generative }),
  'edit-tagger': z.strictObject({
    design: z.literal('edit-tagger'), criteria, model: file, tokenizer: file, phrases: file, maxTokens: tokenCount, tokens,
  }),
} as const satisfies Record<string, z.ZodType<AlignerManifest>>;

const designs = ['sentence-edits', 'decoder', 'encoder-decoder', 'edit-tagger'] as const satisfies readonly (keyof typeof schemas)[];
const designSchema = z.looseObject({ design: z.enum(designs).optional() });

/**
 * Checks the `aligner` section of a manifest.
 * @throws AlignSquadError `pack-invalid`, naming the faulty fields.
 */
export function parseAlignerManifest(value: unknown): AlignerManifest {
  const options = { what: 'a valid `aligner` section in pack.json', code: 'pack-invalid' } as const;
  const { design = 'sentence-edits' } = parseWith(designSchema, value, options);
  const schema: z.ZodType<AlignerManifest> = schemas[design];
  return parseWith(schema, value, options);
}
