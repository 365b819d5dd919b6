import { AlignSquadError } from '@align-squad/core';

/** Special tokens that lay out an exchange, in the order of their ids. */
export const exchangeTokens = {
  pad: '[PAD]',
  start: '[CLS]',
  separator: '[SEP]',
  sentence: '[SENT]',
  mask: '[MASK]',
  unknown: '[UNK]',
} as const;

/** Names that a tokenizer has for the tokens that lay out an exchange. */
export interface LayoutTokenNames {
  readonly pad: string;
  readonly start: string;
  readonly separator: string;
  /** Marks each sentence of the response; without it no sentence is marked, and none has a score of its own. */
  readonly sentence?: string | undefined;
  /** Hides tokens in training. */
  readonly mask?: string | undefined;
}

/** Ids of the tokens that lay out an exchange in any tokenizer. */
export interface LayoutTokenIds {
  readonly pad: number;
  readonly start: number;
  readonly separator: number;
  readonly sentence?: number | undefined;
  readonly mask?: number | undefined;
}

/** Ids of the tokens that lay out an exchange in a tokenizer made for it, with those of `exchangeTokens`. */
export interface ExchangeTokenIds extends LayoutTokenIds {
  readonly sentence: number;
  readonly mask: number;
  /** First id that stands for text; all special ids come before it. */
  readonly firstText: number;
}

type FindToken = (token: string) => number | undefined;

/**
 * Looks the tokens of `exchangeTokens` up in a tokenizer.
 * @throws AlignSquadError `pack-invalid` when the tokenizer lacks one.
 */
export function exchangeTokenIds(tokenId: FindToken): ExchangeTokenIds {
  const find = (token: string): number => requireToken(tokenId, token);
  const { pad, start, separator, sentence, mask, unknown } = exchangeTokens;
  return {
    pad: find(pad),
    start: find(start),
    separator: find(separator),
    sentence: find(sentence),
    mask: find(mask),
    firstText: Math.max(...[pad, start, separator, sentence, mask, unknown].map(find)) + 1,
  };
}

/**
 * Looks tokens with other names up in a tokenizer.
 * @throws AlignSquadError `pack-invalid` when the tokenizer lacks one that is named.
 */
export function layoutTokenIds(tokenId: FindToken, names: LayoutTokenNames): LayoutTokenIds {
  const find = (token: string): number => requireToken(tokenId, token);
  return {
    pad: find(names.pad),
    start: find(names.start),
    separator: find(names.separator),
    ...(names.sentence === undefined ? {} : { sentence: find(names.sentence) }),
    ...(names.mask === undefined ? {} : { mask: find(names.mask) }),
  };
}

function requireToken(tokenId: FindToken, token: string): number {
  const id = tokenId(token);
  if (id === undefined) throw new AlignSquadError(`The pack's tokenizer has no token ${token}.`, { code: 'pack-invalid' });
  return id;
}
