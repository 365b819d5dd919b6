import { Hono } from 'hono';
import { alignRoute, inspectRoute } from './align-routes.js';
import { requireKey } from './auth.js';
import { criteriaRoute } from './criteria-route.js';
import { decisionsRoute } from './decisions-route.js';
import { errorToResponse, refuse } from './errors-to-response.js';
import { limitCalls } from './limit-calls.js';
import type { ServerEnv, ServerParts } from './parts.js';
import { playgroundHeaders, playgroundPage } from './playground/page.js';
import { proxyAligned, proxyPlain } from './proxy-route.js';
import { traceRequests } from './trace-requests.js';
import { trackCalls } from './track-calls.js';

/** The routes of a server. */
export function createApp(parts: ServerParts): Hono<ServerEnv> {
  const { options, metrics, state } = parts;
  const app = new Hono<ServerEnv>();
  app.onError((error) => errorToResponse(error));
  app.notFound(() => errorToResponse(refuse(404, 'There is no such route here; answers that could not be aligned are not passed on.', { code: 'not_found' })));
  app.use(traceRequests(parts), trackCalls(parts));

  app.get('/healthz', (context) => context.text('ok'));
  app.get('/readyz', (context) => (state.isReady && !state.isStopping ? context.text('ready') : context.text('not ready', 503)));
  if (options.metrics) app.get('/metrics', async (context) => context.text(await metrics.text(), 200, { 'content-type': metrics.contentType }));
  if (options.playground) app.get('/', (context) => context.html(playgroundPage, 200, playgroundHeaders));

  app.use('/v1/*', requireKey(options.keys), limitCalls(parts));
  app.post('/v1/chat/completions', proxyAligned('/chat/completions', parts));
  app.post('/v1/responses', proxyAligned('/responses', parts));
  app.get('/v1/models', proxyPlain('/models', parts));
  app.post('/v1/align', alignRoute(parts));
  app.post('/v1/inspect', inspectRoute(parts));
  app.get('/v1/criteria', criteriaRoute(parts));
  app.post('/v1/decisions', decisionsRoute(parts));
  return app;
}
