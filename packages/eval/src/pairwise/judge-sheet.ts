import { AlignSquadError, createRandom, parseWith } from '@align-squad/core';
import { z } from 'zod';
import { parseJson, parseJsonLines } from './json-lines.js';
import { parsePairs, type ResponsePair } from './pair.js';

/** One line of `judge-requests.jsonl`: two responses that do not say which one is aligned. */
export interface JudgeRequest {
  readonly id: string;
  readonly prompt?: string | undefined;
  readonly context?: string | undefined;
  readonly criterion?: string | undefined;
  readonly a: string;
  readonly b: string;
}

/** What a judge of a sheet must not see: on which side the aligned responses are. */
export interface JudgeKey {
  readonly schemaVersion: 1;
  readonly sides: readonly { readonly id: string; readonly aligned: 'a' | 'b' }[];
  /** Pairs whose texts are the same, which nobody is asked about. */
  readonly identical: readonly { readonly id: string; readonly criterion?: string | undefined }[];
}

/** A blind sheet and its key. */
export interface JudgeSheet {
  readonly requests: readonly JudgeRequest[];
  readonly key: JudgeKey;
}

/** Options of `writeJudgeSheet`. */
export interface JudgeSheetOptions {
  /** Whole number that order and sides are drawn with; who knows it and the pairs can work the sides out. */
  readonly seed: number;
}

/** One line of answers. */
export interface JudgeAnswer {
  readonly id: string;
  readonly choice: 'a' | 'b' | 'tie';
  /** Who answered. @default one annotator without a name */
  readonly annotator?: string | undefined;
  readonly note?: string | undefined;
}

const id = z.string().min(1);

const requestSchema: z.ZodType<JudgeRequest> = z.object({
  id,
  prompt: z.string().optional(),
  context: z.string().optional(),
  criterion: z.string().min(1).optional(),
  a: z.string(),
  b: z.string(),
});

const keySchema: z.ZodType<JudgeKey> = z.object({
  schemaVersion: z.literal(1),
  sides: z.array(z.object({ id, aligned: z.enum(['a', 'b']) })),
  identical: z.array(z.object({ id, criterion: z.string().min(1).optional() })),
});

const answerLineSchema: z.ZodType<JudgeAnswer> = z.object({
  id,
  choice: z.enum(['a', 'b', 'tie']),
  annotator: z.string().min(1).optional(),
  note: z.string().optional(),
});

/**
 * Makes a blind sheet: the pairs whose texts differ, in an order and on sides that are drawn by the seed. What each pair is
 * lies in the key, which goes to `mergeJudgeAnswers` and to no judge; requests are in shuffled order, the key is not.
 * @throws AlignSquadError `invalid-options`, or `invalid-dataset` for faulty pairs.
 */
export function writeJudgeSheet(pairs: readonly ResponsePair[], { seed }: JudgeSheetOptions): JudgeSheet {
  if (!Number.isInteger(seed)) throw new AlignSquadError('Expected `seed` to be a whole number.', { code: 'invalid-options' });
  const random = createRandom(seed);
  const parsed = parsePairs(pairs);
  const asked = parsed
    .filter(({ original, aligned }) => original !== aligned)
    .map(({ original, aligned, ...rest }) => {
      const side = random.next() < 0.5 ? ('a' as const) : ('b' as const);
      const request: JudgeRequest = { ...rest, a: side === 'a' ? aligned : original, b: side === 'a' ? original : aligned };
      return { request, side: { id: rest.id, aligned: side } };
    });
  const identical = parsed.filter(({ original, aligned }) => original === aligned);
  return {
    requests: random.shuffle(asked.map(({ request }) => request)),
    key: {
      schemaVersion: 1,
      sides: asked.map(({ side }) => side),
      identical: identical.map((pair) => ({ id: pair.id, ...(pair.criterion !== undefined && { criterion: pair.criterion }) })),
    },
  };
}

/** Reads `judge-requests.jsonl`. @throws AlignSquadError `invalid-dataset`, naming the line and its faulty fields. */
export function parseJudgeRequests(jsonl: string): JudgeRequest[] {
  return parseJsonLines(jsonl, requestSchema, 'a judge request');
}

/** Reads a key. @throws AlignSquadError `invalid-dataset`, naming its faulty fields. */
export function parseJudgeKey(json: string): JudgeKey {
  return parseWith(keySchema, parseJson(json), { what: 'a key of a judge sheet', code: 'invalid-dataset' });
}

/** Reads answers to a sheet; other fields are left alone. @throws AlignSquadError `invalid-dataset`, naming the line and its faulty fields. */
export function parseJudgeAnswers(jsonl: string): JudgeAnswer[] {
  return parseJsonLines(jsonl, answerLineSchema, 'an answer to a judge request');
}
