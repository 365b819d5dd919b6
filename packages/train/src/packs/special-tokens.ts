import { AlignSquadError } from '@align-squad/core';
import { alignerTokens } from '@align-squad/aligner';
import { exchangeTokens } from '@align-squad/inspector';

/** What is needed here of a tokenizer. */
export interface TokenizerNames {
  tokenId(token: string): number | undefined;
  readonly specialTokens: readonly string[];
}

/** Tokens of a tokenizer by the part that they play in Hugging Face configs. */
export interface SpecialTokenNames {
  readonly pad: string;
  readonly unknown?: string | undefined;
  /** Opens a text that is to be continued, and what a decoder writes. */
  readonly start?: string | undefined;
  /** Ends what a decoder writes. */
  readonly end?: string | undefined;
  /** Opens a text that is to be classified. */
  readonly classify?: string | undefined;
  readonly separator?: string | undefined;
  readonly mask?: string | undefined;
}

/** The tokens of a tokenizer made for an aligner. */
export const alignerTokenNames: SpecialTokenNames & Required<Pick<SpecialTokenNames, 'unknown' | 'start' | 'end'>> = {
  pad: alignerTokens.pad,
  unknown: alignerTokens.unknown,
  start: alignerTokens.start,
  end: alignerTokens.done,
};

/** The tokens of a tokenizer made for an inspector. */
export const exchangeTokenNames: SpecialTokenNames = {
  pad: exchangeTokens.pad,
  unknown: exchangeTokens.unknown,
  classify: exchangeTokens.start,
  separator: exchangeTokens.separator,
  mask: exchangeTokens.mask,
};

const fields = {
  pad: 'pad_token',
  unknown: 'unk_token',
  start: 'bos_token',
  end: 'eos_token',
  classify: 'cls_token',
  separator: 'sep_token',
  mask: 'mask_token',
} as const satisfies Record<keyof SpecialTokenNames, string>;

/** Fields of special_tokens_map.json; every other special token of the tokenizer is an additional one. */
export function specialTokensMap(names: SpecialTokenNames, tokenizer: TokenizerNames): Readonly<Record<string, string | readonly string[]>> {
  const named = Object.entries(fields).flatMap(([role, field]): [string, string][] => {
    const token = names[role as keyof SpecialTokenNames];
    return token === undefined ? [] : [[field, token]];
  });
  for (const [, token] of named) requireTokenId(tokenizer, token);
  const taken = new Set(named.map(([, token]) => token));
  const others = tokenizer.specialTokens.filter((token) => !taken.has(token));
  return { ...Object.fromEntries(named), ...(others.length === 0 ? {} : { additional_special_tokens: others }) };
}

/** Id of a token. @throws AlignSquadError `invalid-options` when the tokenizer lacks it. */
export function requireTokenId(tokenizer: Pick<TokenizerNames, 'tokenId'>, token: string): number {
  const id = tokenizer.tokenId(token);
  if (id !== undefined) return id;
  throw new AlignSquadError(`Expected the tokenizer to have the token ${JSON.stringify(token)}; name another one in \`tokens\`.`, { code: 'invalid-options' });
}
