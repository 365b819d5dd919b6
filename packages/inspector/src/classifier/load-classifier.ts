import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import { z } from 'zod';
import type { HubSettings } from './hub-settings.js';
import { quietly } from './quietly.js';
import { loadTransformers } from './runtime.js';
import { withHub } from './with-hub.js';

/** What is loaded, and how. */
export interface LoadClassifierOptions {
  /** Id on the hub, or a folder. */
  readonly model: string;
  readonly revision: string;
  readonly dtype: ClassifierType;
  readonly threads: number;
  readonly settings: HubSettings;
  readonly signal?: AbortSignal | undefined;
}

/** Types of weights that a folder may hold, by the names of transformers.js. */
export const classifierTypes = ['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'] as const;

/** Type of the weights. */
export type ClassifierType = (typeof classifierTypes)[number];

/** One or two texts, as a model takes them. */
export interface ClassifierInput {
  readonly first: string;
  readonly second?: string | undefined;
}

/** A sequence classifier. */
export interface Classifier {
  /** Names of its outputs, in order. */
  readonly labels: readonly string[];
  /** Whether each label has a probability of its own. */
  readonly isMultiLabel: boolean;
  /** Most tokens of an input, as far as its files tell. */
  readonly maxTokens: number | undefined;
  /** Tokens of an input, with or without those that frame it. */
  countTokens(input: ClassifierInput, options?: { readonly withFrame: boolean }): number;
  /** Logits by label. */
  classify(input: ClassifierInput): Promise<readonly number[]>;
  dispose(): Promise<void>;
}

interface Config {
  readonly id2label: Readonly<Record<string, string>>;
  readonly problem_type?: string | null | undefined;
  readonly model_type?: string | null | undefined;
  readonly max_position_embeddings?: number | null | undefined;
}

const configSchema: z.ZodType<Config> = z.object({
  id2label: z.record(z.string(), z.string()).refine((labels) => Object.keys(labels).every((_, index) => labels[index] !== undefined)),
  problem_type: z.string().nullish(),
  model_type: z.string().nullish(),
  max_position_embeddings: z.number().nullish(),
});

/**
 * Loads a classifier by transformers.js.
 * @throws AlignSquadError `missing-dependency`, `model-invalid` for one that can't be loaded or is no classifier, or the
 * signal's reason.
 */
export async function loadClassifier(options: LoadClassifierOptions): Promise<Classifier> {
  const { revision, dtype, threads, settings, signal } = options;
  const transformers = await loadTransformers();
  const isFolder = await stat(options.model).then((found) => found.isDirectory(), () => false);
  // A relative path may look like an id.
  const model = isFolder ? resolve(options.model) : options.model;
  const common = { revision, cache_dir: settings.cacheDirectory, local_files_only: isFolder || settings.isOffline };
  const session_options = { intraOpNumThreads: threads, interOpNumThreads: threads };
  const work = async () => ({
    tokenizer: await transformers.AutoTokenizer.from_pretrained(model, common),
    network: await transformers.AutoModelForSequenceClassification.from_pretrained(model, { ...common, dtype, session_options }),
  });
  const download = (): ReturnType<typeof work> => quietly(transformers.env, work);
  const { tokenizer, network } = await withHub(transformers.env, settings, { work: download, signal }).catch((cause: unknown) => {
    if (signal?.aborted === true) throw signal.reason;
    throw notLoaded(isFolder ? 'its folder' : settings.isOffline ? 'the cache, as HF_HUB_OFFLINE is set' : 'the hub', cause);
  });
  const config = configSchema.safeParse(network.config);
  if (!config.success) {
    await network.dispose();
    throw new AlignSquadError('Expected the config.json of the classifier to name its labels in `id2label`.', { code: 'model-invalid', cause: config.error });
  }
  const { id2label, problem_type } = config.data;
  const labels = Object.keys(id2label).map((_, index) => id2label[index] ?? '');
  const prepare = createPreparation(tokenizer.all_special_tokens);
  return {
    labels,
    // As the pipelines of the Hugging Face libraries do.
    isMultiLabel: problem_type === 'multi_label_classification' || labels.length === 1,
    maxTokens: mostTokens(Number(tokenizer.model_max_length), config.data),
    countTokens: ({ first, second }, { withFrame } = { withFrame: true }) =>
      tokenizer.encode(prepare(first), { text_pair: second === undefined ? null : prepare(second), add_special_tokens: withFrame }).length,
    classify: async ({ first, second }) => {
      const inputs = tokenizer(prepare(first), { text_pair: second === undefined ? null : prepare(second) });
      // A model is called with named tensors and gives named tensors; its declared type says less.
      const { logits } = (await quietly(transformers.env, () => network(inputs))) as { readonly logits?: { readonly data: ArrayLike<number> } };
      return Array.from(logits?.data ?? [], Number);
    },
    dispose: async () => void (await network.dispose()),
  };
}

function notLoaded(where: string, cause: unknown): AlignSquadError {
  return new AlignSquadError(`Could not load the classifier from ${where}; it takes config.json, tokenizer.json, tokenizer_config.json and onnx/model.onnx, or the file of another \`dtype\`.`, {
    code: 'model-invalid',
    cause,
  });
}

/** Text is data: the name of a special token in it is spelt out, and lone surrogates read as U+FFFD. */
function createPreparation(specialTokens: readonly string[]): (text: string) => string {
  const names = specialTokens.filter((name) => name.length > 1).sort((a, b) => b.length - a.length);
  const pattern = new RegExp(names.map((name) => name.replace(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&')).join('|') || '(?!)', 'gu');
  return (text) => text.replace(/\p{Surrogate}/gu, '\ufffd').replace(pattern, (name) => `${name.slice(0, 1)} ${name.slice(1)}`);
}

// Tokenizers without a limit name a huge one.
const longestLimit = 1_000_000;

function mostTokens(tokenizerLimit: number, { model_type, max_position_embeddings }: Config): number | undefined {
  // Models of the RoBERTa family count positions from the padding token's id on, which is 1.
  const offset = /roberta|camembert|bertweet|mpnet|longformer/u.test(model_type ?? '') ? 2 : 0;
  const limits = [tokenizerLimit, (max_position_embeddings ?? Infinity) - offset].filter((limit) => limit > 0 && limit < longestLimit);
  return limits.length === 0 ? undefined : Math.min(...limits);
}
