import { AlignSquadError, parseWith, withoutUndefined } from '@align-squad/core';
import type { PackData } from '@align-squad/onnx';
import { z } from 'zod';
import { alignerSettingsSchema, type AlignerSettings } from './aligner-settings.js';
import { inspectorSettingsSchema, type InspectorSettings } from './inspector-settings.js';

/** A criterion to train for. */
export interface TrainedCriterion {
  readonly id: string;
  /** It can only be judged against a context. @default false */
  readonly needsContext?: boolean | undefined;
  /** Share of aligned responses that may be flagged, in (0, 0.5]; sets the threshold. @default 0.03 */
  readonly falsePositiveRate?: number | undefined;
}

/** What is written into the pack's manifest beside what training finds out. */
export interface PackCard {
  /** @default the name of the output folder */
  readonly name?: string | undefined;
  /** @default '0.1.0' */
  readonly version?: string | undefined;
  /** BCP 47 tag. @default 'en' */
  readonly language?: string | undefined;
  /** SPDX expression. @default 'UNLICENSED' */
  readonly license?: string | undefined;
  readonly description?: string | undefined;
  /** Data sets with their licences. */
  readonly data?: readonly PackData[] | undefined;
  /** Write the float32 files too; a small pack leaves them out. @default true */
  readonly fp32?: boolean | undefined;
}

/** How weights are found. `head`: encoder frozen. `lora`: low-rank adapters, merged at the end. `full`: all weights. */
export type TrainMethod = 'head' | 'lora' | 'full';

/** Settings of a training, from dataset to pack; the content of a configuration file of `align-squad train`. */
export interface TrainConfig {
  readonly task: 'inspector' | 'aligner';
  /** JSON Lines files, plain or gzipped. */
  readonly data: readonly string[];
  /** Files that are held out. @default a share of the prompts of `data` */
  readonly dev?: readonly string[] | undefined;
  /** Share of the prompts that is held out where `dev` is missing, in (0, 0.5]. @default 0.15 */
  readonly devShare?: number | undefined;
  readonly criteria: readonly TrainedCriterion[];
  /** A pack or Hugging Face folder to start from, or `scratch`. @default 'scratch' */
  readonly base?: string | undefined;
  /** @default 'full' from scratch, else 'head' for an inspector and 'lora' for an aligner */
  readonly method?: TrainMethod | undefined;
  /** Folder of the new pack. */
  readonly out: string;
  readonly pack?: PackCard | undefined;
  /** @default 1 */
  readonly seed?: number | undefined;
  /** Threads of the runtime; results repeat bit for bit on one. @default 1 */
  readonly threads?: number | undefined;
  /** Passes over the data. @default by task and method */
  readonly epochs?: number | undefined;
  /** Highest learning rate of the warm-up and cosine schedule. @default by task and method */
  readonly learningRate?: number | undefined;
  /** Share of the steps that warm up, in [0, 1). @default 0.06 */
  readonly warmupShare?: number | undefined;
  /** Of matrices. @default 0.01 */
  readonly weightDecay?: number | undefined;
  /** Tokens of a batch, padding included. @default 2048 */
  readonly batchTokens?: number | undefined;
  /** Batches that one update sums up. @default 1 */
  readonly accumulation?: number | undefined;
  /** Steps between two looks at the held-out data. @default an epoch */
  readonly evaluateEverySteps?: number | undefined;
  /** Looks without improvement until it stops early; 0 never stops. @default 0 */
  readonly patience?: number | undefined;
  /** Steps between two checkpoints. @default 200 */
  readonly checkpointEverySteps?: number | undefined;
  /** Rank of `lora`. @default 8 */
  readonly loraRank?: number | undefined;
  /** Throw away what an earlier run with this output folder left. @default false */
  readonly restart?: boolean | undefined;
  /** Settings of an inspector alone. */
  readonly inspector?: InspectorSettings | undefined;
  /** Settings of an aligner alone. */
  readonly aligner?: AlignerSettings | undefined;
}

/** A checked configuration with its defaults. */
export interface ResolvedTrainConfig extends TrainConfig {
  readonly base: string;
  readonly devShare: number;
  readonly method: TrainMethod;
  readonly pack: PackCard;
  readonly seed: number;
  readonly threads: number;
  readonly warmupShare: number;
  readonly weightDecay: number;
  readonly batchTokens: number;
  readonly accumulation: number;
  readonly patience: number;
  readonly checkpointEverySteps: number;
  readonly loraRank: number;
  readonly restart: boolean;
  readonly inspector: InspectorSettings;
  readonly aligner: AlignerSettings;
}

/** Name of the base that stands for random weights. */
export const scratch = 'scratch';

const text = z.string().min(1);
const count = z.int().min(1);
const share = z.number().gt(0).max(0.5);

const packCardSchema: z.ZodType<PackCard> = z.strictObject({
  name: text.optional(),
  version: text.optional(),
  language: text.optional(),
  license: text.optional(),
  description: z.string().optional(),
  data: z
    .array(z.strictObject({ name: text, license: text, source: text, rows: z.int().min(0).optional(), use: z.string().optional() }))
    .optional(),
  fp32: z.boolean().optional(),
});

const criterionSchema: z.ZodType<TrainedCriterion> = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  needsContext: z.boolean().optional(),
  falsePositiveRate: share.optional(),
});

const configSchema: z.ZodType<TrainConfig> = z.strictObject({
  task: z.enum(['inspector', 'aligner']),
  data: z.array(text).min(1),
  dev: z.array(text).min(1).optional(),
  devShare: share.optional(),
  criteria: z
    .array(criterionSchema)
    .min(1)
    .refine((criteria) => new Set(criteria.map(({ id }) => id)).size === criteria.length),
  base: text.optional(),
  method: z.enum(['head', 'lora', 'full']).optional(),
  out: text,
  pack: packCardSchema.optional(),
  seed: z.int().min(0).optional(),
  threads: z.int().min(1).max(256).optional(),
  epochs: z.int().min(1).max(10_000).optional(),
  learningRate: z.number().positive().max(10).optional(),
  warmupShare: z.number().min(0).lt(1).optional(),
  weightDecay: z.number().min(0).max(1).optional(),
  batchTokens: z.int().min(16).max(1_048_576).optional(),
  accumulation: z.int().min(1).max(1024).optional(),
  evaluateEverySteps: count.optional(),
  patience: z.int().min(0).optional(),
  checkpointEverySteps: count.optional(),
  loraRank: z.int().min(1).max(256).optional(),
  restart: z.boolean().optional(),
  inspector: inspectorSettingsSchema.optional(),
  aligner: alignerSettingsSchema.optional(),
});

/**
 * Checks a configuration and fills its defaults in.
 * @throws AlignSquadError `invalid-options`, naming the faulty fields.
 */
export function resolveTrainConfig(value: unknown): ResolvedTrainConfig {
  const config = parseWith(configSchema, value, { what: 'a training configuration', code: 'invalid-options' });
  const base = config.base ?? scratch;
  const method = base === scratch ? 'full' : config.task === 'inspector' ? 'head' : 'lora';
  return requireMethod({ ...defaults, ...withoutUndefined(config), base, method: config.method ?? method });
}

function requireMethod(config: ResolvedTrainConfig): ResolvedTrainConfig {
  const { task, base, method } = config;
  const noHead = task === 'aligner' && method === 'head' ? 'An aligner has no head to train: use the method `lora` or `full`.' : undefined;
  const noBase = base === scratch && method !== 'full' ? `The method \`${method}\` needs a \`base\`: name one, or leave \`method\` out.` : undefined;
  const message = noHead ?? noBase;
  if (message === undefined) return config;
  throw new AlignSquadError(message, { code: 'invalid-options' });
}

const defaults = {
  devShare: 0.15,
  pack: {},
  seed: 1,
  threads: 1,
  warmupShare: 0.06,
  weightDecay: 0.01,
  batchTokens: 2048,
  accumulation: 1,
  patience: 0,
  checkpointEverySteps: 200,
  loraRank: 8,
  restart: false,
  inspector: {},
  aligner: {},
} as const;
