import { createHash } from 'node:crypto';
import type { Message, TokenLogprob } from '@align-squad/core';
import type { ImagePart } from '../records/records.js';

/** A message whose content may hold image parts. */
export type RequestMessage = Message | { readonly role: 'user'; readonly content: readonly ({ readonly type: 'text'; readonly text: string } | ImagePart)[] };

/** What is asked of a model; everything that decides its answer, and nothing else. */
export interface RequestBody {
  readonly model: string;
  readonly messages: readonly RequestMessage[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly stop?: readonly string[] | undefined;
  /** JSON schema of a structured answer. */
  readonly schema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> } | undefined;
  /** Most likely tokens to tell of for each token of the answer, 1 to 20. @default none */
  readonly topLogprobs?: number | undefined;
}

/** The unit of a run: it is asked once, whatever happens. */
export interface DatagenRequest {
  /** SHA-256 of the body and `stage`, 32 hexadecimal digits. */
  readonly id: string;
  readonly stage: string;
  readonly body: RequestBody;
}

/** Tokens that an answer cost. */
export interface TokenUsage {
  readonly input: number;
  readonly output: number;
}

/** What came back of a request. A failure is final: it is not asked again in this run. */
export type DatagenAnswer =
  | {
      readonly id: string;
      readonly ok: true;
      readonly text: string;
      readonly isComplete: boolean;
      readonly usage: TokenUsage;
      /** Most likely tokens of each place [tokens][candidates], where they were asked for and the server tells them. */
      readonly topLogprobs?: readonly (readonly TokenLogprob[])[] | undefined;
    }
  | { readonly id: string; readonly ok: false; readonly reason: string };

/** A request with its id. */
export function createRequest(stage: string, body: RequestBody): DatagenRequest {
  const id = createHash('sha256').update(JSON.stringify([stage, body])).digest().subarray(0, 16).toString('hex');
  return { id, stage, body };
}
