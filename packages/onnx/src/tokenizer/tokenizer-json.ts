import { AlignSquadError, parseWith } from '@align-squad/core';
import { z } from 'zod';

const addedTokenSchema = z.looseObject({
  id: z.int().min(0),
  content: z.string(),
  special: z.boolean().optional(),
});

// Vocabulary and merges are checked by hand: a schema a token would cost more than building the tokenizer.
const vocabularySchema = z.union([
  z.array(z.unknown()),
  z.custom<Readonly<Record<string, unknown>>>((value) => typeof value === 'object' && value !== null),
]);

const isMerges = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((merge: unknown) => typeof merge === 'string' || (Array.isArray(merge) && merge.every((part) => typeof part === 'string')));

const tokenizerJsonSchema = z.looseObject({
  added_tokens: z.array(addedTokenSchema).nullish(),
  model: z.looseObject({
    vocab: vocabularySchema,
    merges: z.custom<readonly (string | readonly string[])[]>(isMerges).optional(),
    unk_token: z.string().nullish(),
    unk_id: z.int().min(0).nullish(),
  }),
});

/** A token that tokenizer.json names beside the vocabulary of its model. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean | undefined;
}

/** The tokens of the model, looked up where they lie: a map of them would take as long to fill as the tokenizer itself. */
export interface Vocabulary {
  idOf(token: string): number | undefined;
  /** -1 where there is no token. */
  readonly largestId: number;
}

/** What is read here of a tokenizer.json; the other fields are passed on as they are. */
export interface TokenizerJson {
  readonly [field: string]: unknown;
  readonly addedTokens: readonly AddedToken[];
  readonly vocabulary: Vocabulary;
  readonly model: {
    readonly [field: string]: unknown;
    readonly vocab: readonly unknown[] | Readonly<Record<string, unknown>>;
    readonly merges?: readonly (string | readonly string[])[] | undefined;
    readonly unk_token?: string | null | undefined;
    readonly unk_id?: number | null | undefined;
  };
}

/**
 * Checks the parts of a tokenizer.json that encoding relies on.
 * @throws AlignSquadError `model-invalid` naming the field.
 */
export function parseTokenizerJson(value: unknown): TokenizerJson {
  const parsed = parseWith(tokenizerJsonSchema, value, { what: 'a `tokenizer.json`', code: 'model-invalid' });
  return { ...parsed, addedTokens: parsed.added_tokens ?? [], vocabulary: readVocabulary(parsed.model.vocab) };
}

function readVocabulary(vocab: TokenizerJson['model']['vocab']): Vocabulary {
  return isList(vocab) ? readList(vocab) : readRecord(vocab);
}

// Array.isArray does not tell a readonly list from a record.
function isList(vocab: TokenizerJson['model']['vocab']): vocab is readonly unknown[] {
  return Array.isArray(vocab);
}

function readList(vocab: readonly unknown[]): Vocabulary {
  const tokens = vocab.map((entry) => {
    const token: unknown = Array.isArray(entry) ? entry[0] : undefined;
    if (typeof token !== 'string') throw badEntry();
    return token;
  });
  const ids = new Map(tokens.map((token, id) => [token, id]));
  return { idOf: (token) => ids.get(token), largestId: tokens.length - 1 };
}

function readRecord(vocab: Readonly<Record<string, unknown>>): Vocabulary {
  let largestId = -1;
  for (const token in vocab) {
    const id = vocab[token];
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0) throw badEntry();
    if (id > largestId) largestId = id;
  }
  const idOf = (token: string): number | undefined => (Object.hasOwn(vocab, token) ? (vocab[token] as number) : undefined);
  return { idOf, largestId };
}

function badEntry(): AlignSquadError {
  return new AlignSquadError('Expected a `tokenizer.json`: `model.vocab` holds an entry without a token or an id.', { code: 'model-invalid' });
}
