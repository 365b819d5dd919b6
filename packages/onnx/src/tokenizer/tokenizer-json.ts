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

/** What is read here of a tokenizer.json; the other fields are passed on as they are. */
export interface TokenizerJson {
  readonly [field: string]: unknown;
  readonly addedTokens: readonly AddedToken[];
  /** Pairs of token and id. */
  readonly vocabulary: readonly (readonly [string, number])[];
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

function readVocabulary(vocab: TokenizerJson['model']['vocab']): (readonly [string, number])[] {
  const pairs = Array.isArray(vocab)
    ? vocab.map((entry: unknown, id) => [Array.isArray(entry) ? entry[0] : undefined, id] as const)
    : Object.entries(vocab);
  return pairs.map(([token, id]) => {
    if (typeof token === 'string' && typeof id === 'number' && Number.isInteger(id) && id >= 0) return [token, id];
    throw new AlignSquadError('Expected a `tokenizer.json`: `model.vocab` holds an entry without a token or an id.', {
      code: 'model-invalid',
    });
  });
}
