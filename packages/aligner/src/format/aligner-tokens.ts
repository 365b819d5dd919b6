import { AlignSquadError } from '@align-squad/core';

/** Tokens that lay out what an aligner reads and writes, in the order of their ids where a tokenizer is made for it. */
export const alignerTokens = {
  pad: '[PAD]',
  unknown: '[UNK]',
  start: '[BOS]',
  context: '[CONTEXT]',
  init: '[INIT]',
  aligned: '[ALIGNED]',
  done: '[DONE]',
} as const;

/**
 * Names that a tokenizer has for the roles of the layout, where they differ from `alignerTokens`: `{ done: '</s>' }`.
 * `decoderStart` is what the decoder of an encoder-decoder begins with, such as `<pad>` of T5. @default the `start` token
 */
export type AlignerTokenNames = { readonly [role in keyof typeof alignerTokens | 'decoderStart']?: string | undefined };

/** What is needed here of a tokenizer. */
export interface AlignerTokenizer {
  /** Ids of plain text, in which special tokens never become special ids. */
  encode(text: string): readonly number[];
  tokenId(token: string): number | undefined;
  readonly specialTokens: readonly string[];
}

/**
 * Ids of the layout in one tokenizer. A marker is one id where the tokenizer has a token of that name, and otherwise
 * the ids of its name as text (` [INIT] `, and ` [DONE]` at the end).
 */
export interface AlignerTokenIds {
  /** Fills rows of a batch up; masked there, so 0 will do for a tokenizer without such a token. */
  readonly pad: number;
  /** Stands for a word that the tokenizer finds no token in. */
  readonly unknown: number;
  /** Opens a source; empty where the tokenizer has no such token. */
  readonly start: readonly number[];
  readonly decoderStart: number;
  readonly context: readonly number[];
  readonly init: readonly number[];
  readonly aligned: readonly number[];
  readonly done: readonly number[];
  /** Names of the markers that text could spell; `encodeText` breaks them up in the texts of users and models. */
  readonly spelt: readonly string[];
}

/**
 * Looks the tokens of the layout up in a tokenizer.
 * A marker that is no special token there is spelt as text, and then text that holds its name is changed where it is
 * encoded: see `encodeText`.
 * @throws AlignSquadError `pack-invalid` when the tokenizer lacks a token that `names` names.
 */
export function alignerTokenIds(tokenizer: AlignerTokenizer, names: AlignerTokenNames = {}): AlignerTokenIds {
  requireNamed(tokenizer, names);
  const nameOf = (role: keyof typeof alignerTokens): string => names[role] ?? alignerTokens[role];
  const idOf = (role: keyof typeof alignerTokens): number | undefined => tokenizer.tokenId(nameOf(role));
  const special = new Set(tokenizer.specialTokens);
  const marker = (role: 'context' | 'init' | 'aligned' | 'done'): readonly number[] => {
    const id = idOf(role);
    return id === undefined ? tokenizer.encode(` ${nameOf(role)}${role === 'done' ? '' : ' '}`) : [id];
  };
  const pad = idOf('pad') ?? 0;
  const start = idOf('start');
  const decoderStart = names.decoderStart === undefined ? start : tokenizer.tokenId(names.decoderStart);
  return {
    pad,
    unknown: idOf('unknown') ?? pad,
    start: start === undefined ? [] : [start],
    decoderStart: decoderStart ?? pad,
    context: marker('context'),
    init: marker('init'),
    aligned: marker('aligned'),
    done: marker('done'),
    spelt: (['context', 'init', 'aligned', 'done'] as const).map(nameOf).filter((name) => !special.has(name)),
  };
}

function requireNamed(tokenizer: AlignerTokenizer, names: AlignerTokenNames): void {
  for (const [role, name] of Object.entries(names)) {
    if (name === undefined || tokenizer.tokenId(name) !== undefined) continue;
    throw new AlignSquadError(`The pack's tokenizer has no token ${JSON.stringify(name)}, which is to be its \`${role}\`.`, { code: 'pack-invalid' });
  }
}
