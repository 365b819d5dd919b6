import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { chatCompletion, chatEvents, type CandidateToken, type ChatRequestBody } from './chat-answer.js';

/** A chat answer on its way. */
export interface OutgoingAnswer {
  readonly body: ChatRequestBody;
  readonly text: string;
  readonly places?: readonly (readonly CandidateToken[])[] | undefined;
  /** Called when only the end is left to send. */
  readonly finish: () => void;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** Half of it is sent and the connection is closed as if that were all. */
  readonly isTruncated: boolean;
  /** Time from the first byte to the last. */
  readonly durationMs: number;
}

const slowPieces = 20;

/** Sends JSON with its length. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Sends an error as the OpenAI API words it. */
export function sendError(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, { error: { message, type: status === 401 ? 'invalid_request_error' : 'server_error', param: null, code: status === 401 ? 'invalid_api_key' : null } });
}

/** Sends a chat answer: whole or as events, as its body asks. */
export async function sendAnswer(response: ServerResponse, { body, text, places, finish, signal, isTruncated, durationMs }: OutgoingAnswer): Promise<void> {
  const isStream = body.stream === true;
  const whole = isStream ? chatEvents(body, text) : [JSON.stringify(chatCompletion(body, text, places))];
  const pieces = isTruncated ? halve(whole) : whole;
  response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
  const parts = durationMs > 0 ? splitEvenly(pieces.join('')) : pieces;
  const last = parts.at(-1) ?? '';
  for (const part of parts.slice(0, -1)) {
    response.write(part);
    if (durationMs > 0) await sleep(durationMs / slowPieces, undefined, { signal });
  }
  finish();
  response.end(last);
}

function halve(pieces: readonly string[]): readonly string[] {
  const text = pieces.join('');
  return [text.slice(0, Math.ceil(text.length / 2))];
}

function splitEvenly(text: string): readonly string[] {
  const size = Math.ceil(text.length / (slowPieces + 1));
  return Array.from({ length: slowPieces + 1 }, (_, piece) => text.slice(piece * size, (piece + 1) * size));
}
