import { AlignSquadError, parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { Sampling } from './pick-token.js';

/** What is decoded, and how far. */
export interface DecodeRequest {
  /** What is continued, or for an encoder-decoder what its encoder reads; at least one token. */
  readonly ids: readonly number[];
  /** Most tokens to give. */
  readonly maxTokens: number;
  /** The token that ends the stream; it is given as the last one. @default none */
  readonly stopId?: number | undefined;
  /** What the tokens are likely to copy, such as the response that is corrected: engines that draft begin there. @default none */
  readonly copyFrom?: readonly number[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The seam for engines that decode: the tokens of one request as they come. */
export type DecodeTokens = (request: DecodeRequest) => AsyncGenerator<number, void, undefined>;

/** How tokens are drawn instead of taking the likeliest each time. */
export interface SamplingOptions extends Sampling {
  /** Repeats the draws. @default 0 */
  readonly seed?: number | undefined;
}

/** What is decoded by a session of `createDecodeSession`. */
export interface DecodeSessionRequest extends DecodeRequest {
  /** Texts in tokens, each of which ends the stream as `stopId` does; their tokens are given. @default none */
  readonly stops?: readonly (readonly number[])[] | undefined;
  /** @default the likeliest token each time */
  readonly sampling?: SamplingOptions | undefined;
  /** Tell so many of the likeliest tokens of each place, 1 to 256, by the model alone: before temperature and penalty. @default none */
  readonly topLogprobs?: number | undefined;
  /** Draft tokens by copying and check them in one pass. @default where a token does not depend on those fed with it (`isRowwise`) */
  readonly speculate?: boolean | undefined;
}

const id = z.int().min(0);
const ids = z.custom<readonly number[]>((value) => Array.isArray(value) && value.every((each) => Number.isInteger(each) && each >= 0), 'Expected a list of token ids');

const samplingSchema = z.strictObject({
  temperature: z.number().min(0),
  topK: z.int().min(1).optional(),
  topP: z.number().gt(0).max(1).optional(),
  repetitionPenalty: z.number().positive().optional(),
  seed: z.int().optional(),
});

const requestSchema: z.ZodType<DecodeSessionRequest> = z.strictObject({
  ids,
  maxTokens: z.number().min(0),
  stopId: id.optional(),
  copyFrom: ids.optional(),
  signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal).optional(),
  stops: z.array(ids).optional(),
  sampling: samplingSchema.optional(),
  topLogprobs: z.int().min(1).max(256).optional(),
  speculate: z.boolean().optional(),
});

/**
 * Checks a request.
 * @throws AlignSquadError `invalid-options`.
 */
export function parseDecodeRequest(request: DecodeSessionRequest): DecodeSessionRequest {
  const parsed = parseWith(requestSchema, request, { what: 'a request to decode', code: 'invalid-options' });
  if (parsed.ids.length > 0) return parsed;
  throw new AlignSquadError('Expected at least one token to decode from.', { code: 'invalid-options' });
}

/** Whether the end of the text ends the stream. */
export function isEnded(text: readonly number[], { stopId, stops = [] }: DecodeSessionRequest): boolean {
  if (stopId !== undefined && text.at(-1) === stopId) return true;
  return stops.some((stop) => stop.length > 0 && stop.every((each, index) => each === text[text.length - stop.length + index]));
}
