import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { doubleSquad } from '@align-squad/embedded/testing';
import { onTestFinished } from 'vitest';
import { alignFetch, type AlignFetchOptions } from './align-fetch.js';

/** Any JSON, as tests look into it. */
export type Loose = { readonly [key: string]: Loose } & readonly Loose[] & string;

export const chatUrl = 'http://127.0.0.1/v1/chat/completions';
export const responsesUrl = 'http://127.0.0.1/v1/responses';
export const mended = 'Ask for the timetable first. Then say KIND words to the clerk. The train leaves at nine.';

/** Server-sent events of data: objects, or text as it is. */
export function sseText(data: readonly unknown[]): string {
  return data.map((item) => `data: ${typeof item === 'string' ? item : JSON.stringify(item)}\n\n`).join('');
}

export function sseResponse(data: readonly unknown[] | string | ReadableStream<Uint8Array>, init: ResponseInit = {}): Response {
  const body = Array.isArray(data) ? sseText(data) : (data as string | ReadableStream<Uint8Array>);
  return new Response(body, { ...init, headers: { 'content-type': 'text/event-stream; charset=utf-8', ...init.headers } });
}

/** The objects of an answer's events. */
export function sseData(text: string): readonly Loose[] {
  return text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6)) as Loose] : []));
}

/** A stream of pieces, then an error if there is one; with `isOpen` it never ends. */
export function bytesOf(pieces: readonly (string | Uint8Array)[], options: { readonly error?: unknown; readonly isOpen?: boolean; readonly onCancel?: (reason: unknown) => void } = {}): ReadableStream<Uint8Array> {
  const left = pieces.map((piece) => (typeof piece === 'string' ? new TextEncoder().encode(piece) : piece));
  return new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const next = left.shift();
      if (next) controller.enqueue(next);
      else if (options.error !== undefined) controller.error(options.error);
      else if (options.isOpen !== true) controller.close();
    },
    cancel: (reason) => options.onCancel?.(reason),
  });
}

/** Calls an `alignFetch` of the doubles whose upstream gives `response`. */
export async function callAligned(url: string, response: Response | (() => Response), options: AlignFetchOptions = {}, body: object = { messages: [{ role: 'user', content: 'How?' }] }): Promise<Response> {
  const fetch = async (): Promise<Response> => (typeof response === 'function' ? response() : response);
  const call = alignFetch(['ethical'], { squad: doubleSquad(), fetch, ...options });
  return call(url, { method: 'POST', body: JSON.stringify(body) });
}

export function chunkOf(delta: object, finishReason: string | null = null, more: object = {}): object {
  return { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finishReason, ...more }] };
}

export function chatChunks(pieces: readonly string[]): readonly unknown[] {
  return [chunkOf({ role: 'assistant', content: '' }), ...pieces.map((content) => chunkOf({ content })), chunkOf({}, 'stop'), '[DONE]'];
}

/** The events of a response with one message, as the API gives them. */
export function responseEvents(pieces: readonly string[], own: { readonly part?: object; readonly format?: object } = {}): readonly { readonly type: string }[] {
  const text = pieces.join('');
  const place = { item_id: 'i', output_index: 0, content_index: 0 };
  const part = { type: 'output_text', text, annotations: [], logprobs: [], ...own.part };
  const item = { id: 'i', type: 'message', role: 'assistant', status: 'completed', content: [part] };
  const response = { id: 'r', object: 'response', status: 'in_progress', output: [] };
  const events = [
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
    ...pieces.map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [{ token: delta }] })),
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { ...response, status: 'completed', output: [item], usage: { total_tokens: 3 } } },
  ];
  return events.map((event, index) => ({ ...event, sequence_number: index }));
}

/** A local server for the time of a test. */
export async function startUpstream(answer: (body: Loose, response: ServerResponse, request: IncomingMessage) => void): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      answer((text === '' ? {} : JSON.parse(text)) as Loose, response, request);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`;
}
