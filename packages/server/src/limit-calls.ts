import type { MiddlewareHandler } from 'hono';
import { refuse } from './errors-to-response.js';
import type { ServerEnv, ServerParts } from './parts.js';

/** Lets a request in when there is a place, which it holds to its last byte; a server that stops turns it away. */
export function limitCalls({ shedder, state }: ServerParts): MiddlewareHandler<ServerEnv> {
  return async ({ var: { call } }, next) => {
    if (state.isStopping) throw refuse(503, 'The server is stopping.', { code: 'shutting_down', headers: { 'retry-after': '1' } });
    call.onEnd(await shedder.enter(call.signal));
    await next();
  };
}
