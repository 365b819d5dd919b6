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

/** Ids of the tokens that lay out an exchange. */
export interface ExchangeTokenIds {
  readonly pad: number;
  readonly start: number;
  readonly separator: number;
  readonly sentence: number;
  readonly mask: number;
  /** First id that stands for text; all special ids come before it. */
  readonly firstText: number;
}

/**
 * Looks the layout tokens up in a tokenizer.
 * @throws AlignSquadError `pack-invalid` when the tokenizer lacks one.
 */
export function exchangeTokenIds(tokenId: (token: string) => number | undefined): ExchangeTokenIds {
  const find = (token: string): number => {
    const id = tokenId(token);
    if (id === undefined) throw new AlignSquadError(`The pack's tokenizer has no token ${token}.`, { code: 'pack-invalid' });
    return id;
  };
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
