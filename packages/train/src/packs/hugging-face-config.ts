import type { EncoderConfig } from '../models/encoder-config.js';
import type { EncoderDecoderShape } from '../models/encoder-decoder.js';
import type { TransformerShape } from '../models/transformer-shape.js';
import { decoderConfig, encoderConfig, encoderDecoderConfig, type ConfigFields } from './model-config.js';
import { alignerTokenNames, exchangeTokenNames, requireTokenId, specialTokensMap, type SpecialTokenNames, type TokenizerNames } from './special-tokens.js';

interface TokenOptions {
  readonly tokenizer: TokenizerNames;
  /** Tokens with a part to play. @default `exchangeTokenNames` for classifiers and inspectors, `alignerTokenNames` for others */
  readonly tokens?: SpecialTokenNames | undefined;
}

interface LabelOptions extends TokenOptions {
  readonly shape: TransformerShape;
  /** In the order of the model's outputs. */
  readonly labels: readonly string[];
}

/** What `huggingFaceConfig` needs to know of each kind of model. */
export interface HuggingFaceConfigOptions {
  readonly decoder: TokenOptions & { readonly shape: TransformerShape };
  readonly 'encoder-decoder': TokenOptions & { readonly shape: EncoderDecoderShape };
  readonly tagger: LabelOptions;
  /** `multiLabel`: each label has a probability of its own. @default false */
  readonly classifier: LabelOptions & { readonly multiLabel?: boolean | undefined };
  /** The labels are its criteria, each with P(misaligned). */
  readonly inspector: TokenOptions & { readonly config: EncoderConfig };
}

/** JSON files by path in the pack. */
export type JsonFiles = Readonly<Record<string, object>>;

interface Description {
  readonly config: ConfigFields;
  readonly tokens: SpecialTokenNames;
  readonly maxTokens: number;
  /** Ids that generation needs, for a model that writes. */
  readonly generation?: ConfigFields | undefined;
}

const describe: { readonly [Kind in keyof HuggingFaceConfigOptions]: (options: HuggingFaceConfigOptions[Kind]) => Description } = {
  decoder: ({ shape, tokenizer, tokens = alignerTokenNames }) => {
    const generation = { bos_token_id: idOf(tokenizer, tokens.start), eos_token_id: idOf(tokenizer, tokens.end) };
    return { config: decoderConfig(shape), tokens, maxTokens: shape.maxTokens, generation };
  },
  'encoder-decoder': ({ shape, tokenizer, tokens = alignerTokenNames }) => {
    const generation = { decoder_start_token_id: idOf(tokenizer, tokens.start ?? tokens.pad), eos_token_id: idOf(tokenizer, tokens.end) };
    return { config: encoderDecoderConfig(shape), tokens, maxTokens: shape.maxTokens, generation };
  },
  tagger: ({ shape, labels, tokens = alignerTokenNames }) => {
    return { config: encoderConfig(shape, { task: 'TokenClassification', labels }), tokens, maxTokens: shape.maxTokens };
  },
  classifier: ({ shape, labels, multiLabel, tokens = exchangeTokenNames }) => {
    return { config: encoderConfig(shape, { task: 'SequenceClassification', labels, multiLabel }), tokens, maxTokens: shape.maxTokens };
  },
  inspector: ({ config, tokens = exchangeTokenNames }) => {
    const { criteria: labels, ngramBuckets, experts = [], specialIds } = config;
    const fields = encoderConfig(config, { task: 'SequenceClassification', labels, multiLabel: true });
    return { config: { ...fields, align_squad: { ngramBuckets, ...(experts.length > 0 && { experts }), specialIds } }, tokens, maxTokens: config.maxTokens };
  },
};

/**
 * The JSON files with which transformers.js loads a model unchanged: config.json, tokenizer_config.json,
 * special_tokens_map.json and, for a model that writes, generation_config.json.
 * Decoders are called llama, encoder-decoders t5, encoders bert: the names of sizes, inputs and outputs are theirs.
 * @throws AlignSquadError `invalid-options` when the tokenizer lacks a token, or for sizes that do not fit together.
 */
export function huggingFaceConfig<Kind extends keyof HuggingFaceConfigOptions>(kind: Kind, options: HuggingFaceConfigOptions[Kind]): JsonFiles {
  const { config, tokens, maxTokens, generation } = describe[kind](options);
  const ids = { pad_token_id: idOf(options.tokenizer, tokens.pad), ...generation };
  const map = specialTokensMap(tokens, options.tokenizer);
  return {
    'config.json': { ...config, ...ids },
    ...(generation ? { 'generation_config.json': { ...ids, max_length: maxTokens } } : {}),
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: maxTokens,
      clean_up_tokenization_spaces: false,
      // What is continued must stand next to what continues it.
      padding_side: kind === 'decoder' ? 'left' : 'right',
      ...map,
    },
    'special_tokens_map.json': map,
  };
}

function idOf(tokenizer: TokenizerNames, token: string | undefined): number | undefined {
  return token === undefined ? undefined : requireTokenId(tokenizer, token);
}
