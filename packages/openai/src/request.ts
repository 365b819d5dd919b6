import { AlignSquadError } from '@align-squad/core';
import { isJson, type Json } from './json.js';

/** A request whose answer is aligned. */
export interface AlignableRequest {
  readonly protocol: 'chat' | 'responses';
  /** Whether the answer was asked for as JSON, which is passed as it is. */
  readonly isJsonMode: boolean;
  /** Text of the last user message. */
  readonly prompt: string | undefined;
  readonly context: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Gives the text that an answer must be grounded in; `request` is the body, as it was parsed. */
export type ContextOf = string | ((request: Json) => string | undefined);

/**
 * Reads a call of `fetch`; undefined for what is passed through.
 * @throws AlignSquadError `invalid-exchange` for a body that can't be read as a JSON object.
 */
export async function readRequest(input: string | URL | Request, init: RequestInit | undefined, contextOf: ContextOf | undefined): Promise<AlignableRequest | undefined> {
  const request = input instanceof Request ? input : undefined;
  const protocol = protocolOf(request?.url ?? String(input));
  if (protocol === undefined || (init?.method ?? request?.method ?? 'GET').toUpperCase() !== 'POST') return undefined;
  const body = readBody(init?.body ?? (await request?.clone().text()));
  return {
    protocol,
    isJsonMode: isJsonFormat(protocol === 'chat' ? body['response_format'] : isJson(body['text']) && body['text']['format']),
    prompt: promptOf(protocol === 'chat' ? body['messages'] : body['input']),
    context: typeof contextOf === 'function' ? contextOf(body) : contextOf,
    signal: init?.signal ?? request?.signal,
  };
}

function protocolOf(url: string): AlignableRequest['protocol'] | undefined {
  // the base stands for that of a page, where a path alone will do
  const path = new URL(url, 'http://localhost').pathname.toLowerCase().replace(/\/+$/, '');
  if (path.endsWith('/chat/completions')) return 'chat';
  return path.endsWith('/responses') ? 'responses' : undefined;
}

function readBody(body: unknown): Json {
  let value: unknown;
  try {
    if (typeof body === 'string') value = JSON.parse(body);
    else if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    value = undefined;
  }
  if (isJson(value)) return value;
  throw new AlignSquadError('Expected the body of the request to be a JSON object as a string, bytes or in a Request; nothing was sent.', {
    code: 'invalid-exchange',
  });
}

function isJsonFormat(format: unknown): boolean {
  return isJson(format) && (format['type'] === 'json_object' || format['type'] === 'json_schema');
}

function promptOf(messages: unknown): string | undefined {
  if (typeof messages === 'string') return messages;
  if (!Array.isArray(messages)) return undefined;
  const last = messages.filter(isJson).findLast(({ role }) => role === 'user');
  const content = last?.['content'];
  if (!Array.isArray(content)) return typeof content === 'string' ? content : undefined;
  return content.flatMap((part) => (isJson(part) && typeof part['text'] === 'string' ? [part['text']] : [])).join('\n');
}
