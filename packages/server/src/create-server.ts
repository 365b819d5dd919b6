import type { Hono } from 'hono';
import { createApp } from './app.js';
import { createCalls } from './calls.js';
import { prepareEngine } from './engine.js';
import { listen, type ListenOptions, type RunningServer } from './listen.js';
import { createLoadShedder } from './load-shedding.js';
import { createMetrics } from './metrics.js';
import { resolveServerOptions, type ServerOptions } from './options.js';
import type { ServerEnv, ServerParts } from './parts.js';
import { createUpstream } from './upstream.js';

/** A server that does not listen yet. */
export interface AlignServer {
  /** The Hono app, whose `fetch` any other server can call. */
  readonly app: Hono<ServerEnv>;
  /**
   * Resolves when the squad is there and the options have been checked against it. Rejects with `invalid-options`,
   * `unknown-criterion`, `missing-dependency` or why there is no squad; requests then fail too.
   */
  readonly ready: Promise<void>;
  /** Serves the app on a port. Rejects with `invalid-options`. */
  listen(options?: ListenOptions): Promise<RunningServer>;
}

/**
 * Makes a server that passes chat completions and responses of an OpenAI-compatible API on, aligned, and inspects and
 * aligns what it is given.
 * @throws AlignSquadError `invalid-options`.
 * @example
 * ```ts
 * import { createServer } from '@align-squad/server';
 * import { createSquad } from '@align-squad/embedded';
 *
 * const squad = createSquad();
 * const server = createServer({ squad, upstream: 'http://127.0.0.1:8000/v1', criteria: ['ethical'] });
 * const { port, close } = await server.listen({ port: 8787 });
 * ```
 */
export function createServer(options: ServerOptions): AlignServer {
  const resolved = resolveServerOptions(options);
  const { upstream, upstreamKey, keys, maxConcurrent, maxQueue } = resolved;
  const calls = createCalls();
  const metrics = createMetrics(() => calls.size);
  const engine = prepareEngine(resolved);
  const state: ServerParts['state'] = { isReady: false, isStopping: false, tracer: undefined };
  const ready = engine.then(({ tracer }) => {
    Object.assign(state, { isReady: true, tracer });
  });
  // each request says it again
  ready.catch(() => undefined);
  const parts: ServerParts = {
    options: resolved,
    calls,
    metrics,
    engine,
    state,
    shedder: createLoadShedder({ maxConcurrent, maxQueue, onShed: () => metrics.countShed() }),
    upstream: upstream === undefined ? undefined : createUpstream({ upstream, upstreamKey, hasKeys: keys !== undefined }),
  };
  const app = createApp(parts);
  return { app, ready, listen: (where = {}) => listen(app, parts, where) };
}
