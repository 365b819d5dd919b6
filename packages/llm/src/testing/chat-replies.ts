import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** An answer on its way. */
export interface OutgoingAnswer {
  /** The whole of it, in the pieces in which it is written. */
  readonly pieces: readonly string[];
  readonly contentType: 'application/json' | 'text/event-stream';
  /** Called when only the end is left to send. */
  readonly finish: () => void;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** What becomes of it after its half: the connection is closed as if that were all, breaks, or stays and gives nothing. */
  readonly fault?: 'truncated' | 'dropped' | 'stalled' | undefined;
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

/** Sends the error that the OpenAI API gives for a field that a model does not take; its message repeats `text`. */
export function sendUnsupported(response: ServerResponse, param: string, text: string): void {
  sendJson(response, 400, { error: { message: `Unsupported parameter: '${param}' of ${text}`, type: 'invalid_request_error', param, code: 'unsupported_parameter' } });
}

/** Sends an answer: all of it, or up to where a fault ends it. */
export async function sendAnswer(response: ServerResponse, { pieces, contentType, finish, signal, fault, durationMs }: OutgoingAnswer): Promise<void> {
  response.writeHead(200, { 'content-type': contentType });
  const given = fault === undefined ? pieces : halve(pieces);
  const parts = durationMs > 0 ? splitEvenly(given.join('')) : given;
  const last = parts.at(-1) ?? '';
  for (const part of parts.slice(0, -1)) {
    response.write(part);
    if (durationMs > 0) await sleep(durationMs / slowPieces, undefined, { signal });
  }
  if (fault === 'dropped' || fault === 'stalled') {
    // What is written must leave before the connection breaks.
    await new Promise((resolve) => response.write(last, resolve));
    if (fault === 'dropped') response.destroy();
    return;
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
