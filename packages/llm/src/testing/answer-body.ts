import { createHash } from 'node:crypto';

/** What the bodies of requests for text have in common, as far as the test server reads it. */
export interface AnswerBody {
  readonly model: string;
  readonly max_tokens?: number | undefined;
  readonly max_completion_tokens?: number | undefined;
  readonly stream?: boolean | undefined;
  readonly temperature?: number | undefined;
  readonly seed?: number | undefined;
  readonly stop?: unknown;
}

/** A token that could have been the next, and its log-probability. */
export interface CandidateToken {
  readonly token: string;
  readonly logprob: number;
}

/** A piece of an answer that is streamed, with the candidates of its places. */
export interface AnswerPiece {
  readonly text: string;
  readonly places: readonly (readonly CandidateToken[])[];
}

/** The last of the server-sent events of an answer. */
export const lastEvent = 'data: [DONE]\n\n';

// About what English text has.
const charactersPerToken = 4;

/** Names a body; equal bodies have one key. */
export function bodyKey(body: object): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32);
}

/** Tokens of a text in the count of the test server: one for four characters. */
export function countTestTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

/** The text up to the first stop text and the most tokens of a body. */
export function cutAnswer(body: AnswerBody, text: string): { readonly content: string; readonly finishReason: 'stop' | 'length' } {
  const stops = [body.stop ?? []].flat().filter((stop): stop is string => typeof stop === 'string');
  const ends = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
  const whole = text.slice(0, Math.min(text.length, ...ends));
  const most = (body.max_completion_tokens ?? body.max_tokens ?? Number.POSITIVE_INFINITY) * charactersPerToken;
  return whole.length <= most ? { content: whole, finishReason: 'stop' } : { content: whole.slice(0, most), finishReason: 'length' };
}

/** The text in pieces of four tokens, with one place each; the last one has all places that are left. */
export function eachPiece(text: string, places: readonly (readonly CandidateToken[])[]): readonly AnswerPiece[] {
  const texts = text.match(/[\s\S]{1,16}/g) ?? [];
  return texts.map((piece, index) => ({ text: piece, places: places.slice(index, index === texts.length - 1 ? undefined : index + 1) }));
}

/** A server-sent event. */
export function eventOf(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
