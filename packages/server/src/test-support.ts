import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { doubleSquad } from '@align-squad/embedded/testing';
import OpenAI from 'openai';
import { afterEach } from 'vitest';
import { createServer } from './create-server.js';
import type { RunningServer } from './listen.js';
import type { ServerOptions } from './options.js';

/** What an upstream was asked. */
export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers a request of the upstream. */
export type UpstreamHandler = (request: UpstreamRequest, response: ServerResponse) => void | Promise<void>;

/** A local upstream. */
export interface Upstream {
  readonly url: string;
  readonly requests: UpstreamRequest[];
  /** How many requests were left before they were answered. */
  readonly left: () => number;
}

/** How long a test polls on a busy machine. */
export const patience = { timeout: 20_000 };

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Starts an upstream until the end of the test. */
export async function startUpstream(handler: UpstreamHandler): Promise<Upstream> {
  const requests: UpstreamRequest[] = [];
  let left = 0;
  const server = createHttpServer((request, response) => {
    response.on('close', () => (left += response.writableFinished ? 0 : 1));
    void readText(request).then(async (body) => {
      const asked = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
      requests.push(asked);
      await handler(asked, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, requests, left: () => left };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Starts a server of the double squad on a free port until the end of the test. */
export async function start(options: Partial<ServerOptions> = {}): Promise<RunningServer & { readonly url: string }> {
  const server = createServer({ squad: doubleSquad(), ...options });
  const running = await server.listen({ port: 0 });
  closers.push(() => running.close());
  return { ...running, url: `http://127.0.0.1:${running.port}` };
}

/** The openai client, which asks nobody twice. */
export function clientOf({ url }: { readonly url: string }, apiKey = 'client-key'): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
}

/** Posts JSON. */
export function post(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) };
  return fetch(url, { method: 'POST', ...init, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

/** Body of a chat request. */
export const chatBody = (stream = false, prompt = 'When does it leave?'): object => ({ model: 'm', stream, messages: [{ role: 'user', content: prompt }] });

/** A chat completion with this answer. */
export const completion = (content: string): object => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop', logprobs: null }],
});

/** The event of one piece of an answer. */
export const chunkEvent = (content: string): string => sseData({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: null }] });

/** Data as a server-sent event. */
export const sseData = (data: unknown): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** The events of a whole streamed chat answer. */
export const chatEvents = (pieces: readonly string[]): string[] => [
  ...pieces.map(chunkEvent),
  sseData({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  sseData('[DONE]'),
];

/** The events of a whole streamed response. */
export function responseEvents(pieces: readonly string[]): string[] {
  const text = pieces.join('');
  const place = { item_id: 'i', output_index: 0, content_index: 0 };
  const part = { type: 'output_text', text, annotations: [] };
  const item = { id: 'i', type: 'message', role: 'assistant', status: 'completed', content: [part] };
  const events: { readonly type: string }[] = [
    { type: 'response.created', ...{ response: responseOf() } },
    { type: 'response.output_item.added', ...{ output_index: 0, item: { ...item, status: 'in_progress', content: [] } } },
    { type: 'response.content_part.added', ...{ ...place, part: { ...part, text: '' } } },
    ...pieces.map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
    { type: 'response.output_text.done', ...{ ...place, text } },
    { type: 'response.content_part.done', ...{ ...place, part } },
    { type: 'response.output_item.done', ...{ output_index: 0, item } },
    { type: 'response.completed', ...{ response: responseOf(text) } },
  ];
  return events.map((event, index) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`);
}

/** A response with this answer, or one in progress. */
export const responseOf = (text?: string): object => ({
  id: 'r',
  object: 'response',
  created_at: 1,
  status: text === undefined ? 'in_progress' : 'completed',
  model: 'm',
  output: text === undefined ? [] : [{ id: 'i', type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] }],
});

/** Answers with JSON. */
export function sendJson(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Answers with events and leaves the stream open for more. */
export function sendEvents(response: ServerResponse, events: readonly (string | Uint8Array)[]): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(event);
  return response;
}
