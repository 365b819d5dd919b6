import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { TokenizerJson } from './tokenizer-json.js';

type TokenName = string | { readonly content: string } | null | undefined;

/** Fields of a tokenizer_config.json that are read here; the other fields are passed on as they are. */
export interface TokenizerConfig {
  readonly bos_token?: TokenName;
  readonly eos_token?: TokenName;
  readonly unk_token?: TokenName;
  readonly sep_token?: TokenName;
  readonly pad_token?: TokenName;
  readonly cls_token?: TokenName;
  readonly mask_token?: TokenName;
  readonly additional_special_tokens?: readonly TokenName[] | null | undefined;
  readonly added_tokens_decoder?:
    | Readonly<Record<string, { readonly content: string; readonly special?: boolean | undefined }>>
    | null
    | undefined;
}

const tokenNameSchema = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();

const tokenizerConfigSchema: z.ZodType<TokenizerConfig> = z.looseObject({
  bos_token: tokenNameSchema,
  eos_token: tokenNameSchema,
  unk_token: tokenNameSchema,
  sep_token: tokenNameSchema,
  pad_token: tokenNameSchema,
  cls_token: tokenNameSchema,
  mask_token: tokenNameSchema,
  additional_special_tokens: z.array(tokenNameSchema).nullish(),
  added_tokens_decoder: z.record(z.string(), z.looseObject({ content: z.string(), special: z.boolean().optional() })).nullish(),
});

/**
 * Checks a tokenizer_config.json; `undefined` reads as an empty one.
 * @throws AlignSquadError `model-invalid` naming the field.
 */
export function parseTokenizerConfig(value: unknown): TokenizerConfig {
  return parseWith(tokenizerConfigSchema, value ?? {}, { what: 'a `tokenizer_config.json`', code: 'model-invalid' });
}

/** Ids of the special tokens by name, in the order of their ids: marked so in tokenizer.json, or named in the config. */
export function findSpecialTokens(json: TokenizerJson, config: TokenizerConfig): ReadonlyMap<string, number> {
  const added = new Map(json.addedTokens.map((token) => [token.content, token.id]));
  const names = new Set(json.addedTokens.filter((token) => token.special && token.content !== '').map((token) => token.content));
  for (const name of namesInConfig(config)) names.add(name);
  for (const name of unknownToken(json)) names.add(name);
  const pairs = [...names].flatMap((name) => {
    const id = added.get(name) ?? json.vocabulary.idOf(name);
    return id === undefined ? [] : [[name, id] as const];
  });
  return new Map(pairs.sort((a, b) => a[1] - b[1]));
}

function namesInConfig(config: TokenizerConfig): string[] {
  const { bos_token, eos_token, unk_token, sep_token, pad_token, cls_token, mask_token } = config;
  const named = [bos_token, eos_token, unk_token, sep_token, pad_token, cls_token, mask_token];
  const added = Object.values(config.added_tokens_decoder ?? {}).filter((token) => token.special);
  return [...named, ...(config.additional_special_tokens ?? []), ...added]
    .map((token) => (typeof token === 'string' ? token : (token?.content ?? '')))
    // Some tokenizers pad with a plain character, such as `!`, which text must keep.
    .filter((name) => [...name].length > 1);
}

function unknownToken({ model }: TokenizerJson): string[] {
  const entry: unknown = Array.isArray(model.vocab) && typeof model.unk_id === 'number' ? model.vocab[model.unk_id] : model.unk_token;
  const name: unknown = Array.isArray(entry) ? entry[0] : entry;
  return typeof name === 'string' ? [name] : [];
}
