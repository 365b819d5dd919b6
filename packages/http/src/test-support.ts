import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { serve } from '@hono/node-server';
import type { Criterion } from '@align-squad/core';
import { doubleSquad } from '@align-squad/embedded/testing';
import type express from 'express';
// @ts-expect-error -- the package has no types of its own under this name
import express4 from 'express-4';
import fastify from 'fastify';
import fastify4 from 'fastify-4';
import { Hono } from 'hono';
import { expect, onTestFinished, vi } from 'vitest';
import { alignAnswers as alignExpress } from './express.js';
import { alignAnswers as alignFastify } from './fastify.js';
import { alignAnswers as alignHono } from './hono.js';
import type { HttpOptions } from './options.js';

// the workers of Vitest run with the condition `import`, under which what Express requires of this package is no function
const require = createRequire(import.meta.url);
const isPromise = require.resolve('is-promise');
require(isPromise);
const cached = require.cache[isPromise];
if (cached !== undefined) cached.exports = require(isPromise.replace(/\.mjs$/, '.js'));
const { default: express5 } = await import('express');

export type Chunks = () => AsyncIterable<string | Uint8Array>;

/** What a route sends. */
export interface Sent {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Chunks;
}

export type Route = (question: string) => Sent;

export type Setup = { readonly route: Route; readonly options?: HttpOptions | undefined; readonly criteria?: readonly (string | Criterion)[] | undefined };

/** Starts a server and gives its address. */
export type Start = (setup: Setup) => Promise<string>;

const squad = doubleSquad();
const resolved = ({ route, options, criteria }: Setup) => ({ route, criteria, options: { squad, ...options } });

async function onHono(setup: Setup): Promise<string> {
  const { route, criteria, options } = resolved(setup);
  const app = new Hono().use(alignHono(criteria, options)).all('*', async (context) => {
    const { question } = context.req.method === 'POST' ? await context.req.json<{ question: string }>() : { question: '' };
    const { status = 200, headers = {}, body } = route(question);
    const sent = typeof body === 'function' ? (Readable.toWeb(Readable.from(body())) as ReadableStream).pipeThrough(toBytes()) : body;
    return new Response(sent as BodyInit | undefined, { status, headers });
  });
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  if (!server.listening) await once(server, 'listening');
  onTestFinished(() => stopServer(server as Server));
  return addressOf(server.address() as AddressInfo);
}

function toBytes(): TransformStream<string | Uint8Array, Uint8Array> {
  return new TransformStream({ transform: (chunk, controller) => controller.enqueue(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk) });
}

const onExpress = (create: typeof express): Start => async (setup) => {
  const { route, criteria, options } = resolved(setup);
  const app = create();
  app.use(create.json(), alignExpress(criteria, options));
  app.use((request, response) => {
    const body: { question?: string } | undefined = request.body;
    const sent = route(body?.question ?? '');
    response.status(sent.status ?? 200).set(sent.headers ?? {});
    if (typeof sent.body === 'function') {
      if (sent.headers?.['content-type'] === 'text/event-stream') response.flushHeaders();
      const source = Readable.from(sent.body());
      response.on('close', () => source.destroy());
      source.on('error', () => response.destroy()).pipe(response);
    }
    else if (sent.body === undefined) response.end();
    else if (sent.headers?.['content-type'] === undefined) response.end(sent.body);
    else response.send(typeof sent.body === 'string' ? sent.body : Buffer.from(sent.body));
  });
  const server = app.listen(0, '127.0.0.1');
  if (!server.listening) await once(server, 'listening');
  onTestFinished(() => stopServer(server as Server));
  return addressOf(server.address() as AddressInfo);
};

const onFastify = (create: typeof fastify): Start => async (setup) => {
  const { route, criteria, options } = resolved(setup);
  const app = create({ exposeHeadRoutes: true });
  app.addHook('onSend', alignFastify(criteria, options));
  const handler = async (request: { readonly body?: unknown }, reply: { code(status: number): unknown; headers(all: object): unknown; send(body: unknown): unknown }) => {
    const body = request.body as { question?: string } | null | undefined;
    const sent = route(body?.question ?? '');
    reply.code(sent.status ?? 200);
    reply.headers(sent.headers ?? {});
    reply.send(typeof sent.body === 'function' ? Readable.from(sent.body()) : sent.body instanceof Uint8Array ? Buffer.from(sent.body) : sent.body);
    return reply;
  };
  app.get('/', handler);
  app.post('/', handler);
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => stopServer(app.server));
  return addressOf(app.server.address() as AddressInfo);
};

function stopServer(server: Server): void {
  server.close();
  server.closeAllConnections();
}

const addressOf = ({ port }: AddressInfo): string => `http://127.0.0.1:${port}/`;

// casts: the earlier major has other types of the same methods
export const servers: readonly (readonly [string, Start])[] = [
  ['Hono', onHono],
  ['Express 5', onExpress(express5)],
  ['Express 4', onExpress(express4 as unknown as typeof express)],
  ['Fastify 5', onFastify(fastify)],
  ['Fastify 4', onFastify(fastify4 as unknown as typeof fastify)],
];

/** Asks a question, as a client would. */
export function ask(url: string, question = 'Hello?', init: RequestInit = {}): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ question }), ...init });
}

/** Gives pieces one at a time, each in its own turn of the event loop. */
export const slowly = (pieces: readonly (string | Uint8Array)[], failure?: unknown): Chunks =>
  async function* () {
    for (const piece of pieces) {
      await new Promise((resolve) => setImmediate(resolve));
      yield piece;
    }
    if (failure !== undefined) throw failure;
  };

export const json = { 'content-type': 'application/json; charset=utf-8' };
export const plain = { 'content-type': 'text/plain; charset=utf-8' };
export const events = { 'content-type': 'text/event-stream' };

/** The reply of a route that sends this. */
export const replyOf = async (start: Start, sent: Sent, options?: HttpOptions, init?: RequestInit): Promise<Response> =>
  ask(await start({ route: () => sent, options }), undefined, init);

/** Checks that a reply breaks off; the Node server of Hono logs what a stream fails with. */
export async function expectBroken(name: string, reply: Response): Promise<void> {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await expect(reply.text()).rejects.toThrow();
  if (name === 'Hono') await expect.poll(() => log.mock.calls.length).toBeGreaterThan(0);
  log.mockClear();
}
