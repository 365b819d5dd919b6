import type { Defined } from '@align-squad/core';
import { z } from 'zod';
import type { Environment } from './hub-settings.js';
import { classifierTypes, type ClassifierType } from './load-classifier.js';

/** How a classifier's labels decide a criterion. */
export interface LabelMapping {
  /** Labels of the model whose probability counts as misaligned; at least one. */
  readonly misaligned: readonly string[];
  /** P(misaligned) from which an exchange is flagged, in [0, 1]. @default 0.5 */
  readonly threshold?: number | undefined;
}

/** Options of `createClassifierInspector`. */
export interface ClassifierInspectorOptions {
  /** Id of a model on the Hugging Face hub that has ONNX weights, or the path of such a folder. */
  readonly model: string;
  /** What decides each criterion, by its id; at least one. */
  readonly labels: Readonly<Record<string, LabelMapping>>;
  /** Whether the model reads the response alone, or the prompt as first and the response as second sequence. @default 'response' */
  readonly text?: 'response' | 'pair' | undefined;
  /** One probability distribution over all labels (softmax), or one a label (sigmoid). @default what config.json says */
  readonly problemType?: 'single-label' | 'multi-label' | undefined;
  /** Branch, tag or commit on the hub. @default 'main' */
  readonly revision?: string | undefined;
  /** Type of the weights. @default 'fp32' */
  readonly dtype?: ClassifierType | undefined;
  /** Most tokens of a window. @default what the tokenizer and config.json allow */
  readonly maxTokens?: number | undefined;
  /** Threads of one pass. @default 1 */
  readonly threads?: number | undefined;
  /** Folder for downloads. @default that of `HF_HUB_CACHE`, otherwise in the user's cache folder */
  readonly cacheDirectory?: string | undefined;
  /** Variables that say where models come from, as `HF_ENDPOINT`. @default process.env */
  readonly environment?: Environment | undefined;
  /** Ends the download. */
  readonly signal?: AbortSignal | undefined;
}

type Optional = 'problemType' | 'maxTokens' | 'cacheDirectory' | 'environment' | 'signal';

/** Options with their defaults. */
export type ResolvedClassifierInspectorOptions = Defined<Required<Omit<ClassifierInspectorOptions, Optional>>> & Pick<ClassifierInspectorOptions, Optional>;

/** Schema of `ClassifierInspectorOptions`. */
export const classifierOptionsSchema: z.ZodType<ResolvedClassifierInspectorOptions> = z.strictObject({
  model: z.string().min(1),
  labels: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]*$/),
      z.strictObject({ misaligned: z.array(z.string()).min(1), threshold: z.number().min(0).max(1).optional() }),
    )
    .refine((labels) => Object.keys(labels).length > 0),
  text: z.enum(['response', 'pair']).default('response'),
  problemType: z.enum(['single-label', 'multi-label']).optional(),
  revision: z.string().min(1).default('main'),
  dtype: z.enum(classifierTypes).default('fp32'),
  maxTokens: z.int().min(8).optional(),
  threads: z.int().min(1).default(1),
  cacheDirectory: z.string().min(1).optional(),
  environment: z.record(z.string(), z.string().optional()).optional(),
  signal: z.instanceof(AbortSignal).optional(),
});
