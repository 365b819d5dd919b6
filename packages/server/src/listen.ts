import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AlignSquadError, parseWith } from '@align-squad/core';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { z } from 'zod';
import { trackConnections, type Connections } from './connections.js';
import { refuse } from './errors-to-response.js';
import type { ServerEnv, ServerParts } from './parts.js';

/** Where to listen. */
export interface ListenOptions {
  /** 0 for any that is free. @default 8787 */
  readonly port?: number | undefined;
  /** @default '127.0.0.1', which only this machine reaches */
  readonly hostname?: string | undefined;
}

/** A server that listens. */
export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  readonly hostname: string;
  /**
   * Takes no more requests, waits `shutdownMs` for those under way, then breaks off the rest; streams end with an error
   * event. Resolves when the port is free. The squad stays.
   */
  close(): Promise<void>;
}

const optionsSchema: z.ZodType<{ port: number; hostname: string }, ListenOptions> = z.strictObject({
  port: z.int().min(0).max(65_535).default(8787),
  hostname: z.string().min(1).default('127.0.0.1'),
});

// for the last words of answers that were broken off
const graceMs = 500;

/** Serves the app. Rejects with `invalid-options`, also for a port or host that can't be had. */
export async function listen(app: Hono<ServerEnv>, parts: ServerParts, options: ListenOptions): Promise<RunningServer> {
  const { port, hostname } = parseWith(optionsSchema, options, { what: 'options of `listen`', code: 'invalid-options' });
  // the globals of a process are not ours to replace; without options for TLS and HTTP/2 it is one of node:http
  const server = createAdaptorServer({ fetch: app.fetch, hostname, overrideGlobalObjects: false }) as Server;
  const connections = trackConnections(server);
  await open(server, port, hostname);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= stop(server, connections, parts));
  // of a server that listens on a port
  const address = server.address() as AddressInfo;
  return { port: address.port, hostname, close, [Symbol.asyncDispose]: close };
}

async function open(server: Server, port: number, hostname: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new AlignSquadError(`The server can't listen there (${cause.code ?? 'no error code'}); choose another port or host.`, { code: 'invalid-options', cause }));
    });
    server.listen(port, hostname, resolve);
  });
}

async function stop(server: Server, connections: Connections, { state, calls, options }: ServerParts): Promise<void> {
  state.isStopping = true;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  connections.closeUnused();
  if (await isDone(closed, options.shutdownMs)) return;
  calls.abortAll(refuse(503, 'The server is stopping.', { code: 'shutting_down' }));
  if (await isDone(closed, graceMs)) return;
  server.closeAllConnections();
  await closed;
}

/** Whether the work was done within the time. */
async function isDone(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
