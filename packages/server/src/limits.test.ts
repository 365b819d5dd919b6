import { request as httpRequest } from 'node:http';
import { expect, test } from 'vitest';
import type { RequestLogEntry } from './request-log.js';
import { chatBody, chatEvents, chunkEvent, completion, patience, post, sendEvents, sendJson, start, startUpstream } from './test-support.js';

const align = { response: 'Say RUDE words.' };

test.each([
  ['the right key', 'Bearer one', 200],
  ['another right key', 'bearer two', 200],
  ['a wrong key', 'Bearer three', 401],
  ['a part of a key', 'Bearer on', 401],
  ['another scheme', 'Basic one', 401],
  ['no key', undefined, 401],
])('%s is answered', async (_, authorization, status) => {
  const server = await start({ keys: ['one', 'two'] });
  const headers = authorization === undefined ? {} : { authorization };
  const response = await post(`${server.url}/v1/align`, align, { headers });
  expect(response.status).toBe(status);
  if (status === 401) expect([response.headers.get('www-authenticate'), await response.json()]).toMatchObject(['Bearer', { error: { code: 'invalid_api_key' } }]);
});

test('keys are asked for on unknown routes below /v1 too, and not for the health of the server', async () => {
  const server = await start({ keys: ['one'] });
  const statuses = await Promise.all(['/v1/unheard-of', '/healthz', '/readyz', '/metrics', '/'].map(async (path) => (await fetch(`${server.url}${path}`)).status));
  expect(statuses).toEqual([401, 200, 200, 200, 200]);
});

test('a body over the limit is a 413, by its length and by its chunks', async () => {
  const server = await start({ maxBodyBytes: 200 });
  const long = JSON.stringify({ response: 'x'.repeat(300) });
  const short = JSON.stringify({ response: 'x'.repeat(100) });
  const chunked = (text: string): Promise<Response> => {
    const body = new ReadableStream({
      start(controller) {
        for (const part of [text.slice(0, 50), text.slice(50)]) controller.enqueue(new TextEncoder().encode(part));
        controller.close();
      },
    });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' };
    // which the types of fetch do not know
    return fetch(`${server.url}/v1/align`, init as RequestInit);
  };
  const statuses = [await post(`${server.url}/v1/align`, long), await chunked(long), await post(`${server.url}/v1/align`, short), await chunked(short)].map(({ status }) => status);
  expect(statuses).toEqual([413, 413, 200, 200]);
});

test.each<[string, string, Record<string, string>, number, string]>([
  ['no JSON', '{"response":', {}, 400, 'invalid_json'],
  ['nothing', '', {}, 400, 'invalid_json'],
  ['a list', '[]', {}, 400, 'invalid_json'],
  ['null', 'null', {}, 400, 'invalid_json'],
  ['another type', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
  ['a content encoding', '{}', { 'content-encoding': 'gzip' }, 415, 'unsupported_media_type'],
])('a body that is %s is refused on every route', async (_, body, headers, status, code) => {
  const upstream = await startUpstream((_request, response) => sendJson(response, completion('Fine.')));
  const server = await start({ upstream: upstream.url });
  for (const path of ['chat/completions', 'responses', 'align', 'inspect', 'decisions']) {
    const response = await post(`${server.url}/v1/${path}`, body, { headers });
    expect([response.status, await response.json()]).toMatchObject([status, { error: { code } }]);
  }
  expect(upstream.requests).toEqual([]);
});

test('a body that is no UTF-8 is refused', async () => {
  const server = await start();
  const body = new Uint8Array([0x7b, 0xff, 0x7d]);
  const response = await fetch(`${server.url}/v1/align`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'invalid_json' } }]);
});

test('a client that sends half of its body is timed out', async () => {
  const server = await start({ timeoutMs: 150 });
  const status = await new Promise((resolve, reject) => {
    const asked = httpRequest({ host: '127.0.0.1', port: server.port, path: '/v1/align', method: 'POST', headers: { 'content-type': 'application/json', 'content-length': '100' } }, (response) => {
      resolve(response.statusCode);
      asked.destroy();
    });
    asked.on('error', reject).write('{"response":');
  });
  expect(status).toBe(504);
});

test('beyond the places and the queue requests are shed, and those that wait get their turn', async () => {
  const open: (() => void)[] = [];
  const upstream = await startUpstream(async (_, response) => {
    await new Promise<void>((resolve) => open.push(resolve));
    sendJson(response, completion('Fine.'));
  });
  const server = await start({ upstream: upstream.url, maxConcurrent: 1, maxQueue: 1 });
  const ask = (): Promise<Response> => post(`${server.url}/v1/chat/completions`, chatBody());
  const first = ask();
  await expect.poll(() => open.length, patience).toBe(1);
  const others = [ask(), ask()];
  const shed = await Promise.race(others);
  expect([shed.status, shed.headers.get('retry-after'), await shed.json()]).toMatchObject([503, '1', { error: { code: 'overloaded' } }]);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  open.shift()?.();
  await expect.poll(() => open.length, patience).toBe(1);
  open.shift()?.();
  expect((await first).status).toBe(200);
  expect((await Promise.all(others)).map(({ status }) => status).sort()).toEqual([200, 503]);
  expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('align_squad_shed_total 1');
});

test('a client that leaves the queue or the stream gives its place back', async () => {
  const upstream = await startUpstream((_, response) => void sendEvents(response, [chunkEvent('All is well. Really. ')]));
  const server = await start({ upstream: upstream.url, maxConcurrent: 1, maxQueue: 1 });
  const controllers = [new AbortController(), new AbortController()];
  const asked = controllers.map(({ signal }) => post(`${server.url}/v1/chat/completions`, chatBody(true), { signal }));
  for (const response of asked) response.catch(() => undefined);
  await asked[0];
  for (const controller of controllers.reverse()) controller.abort();
  await expect.poll(async () => (await post(`${server.url}/v1/inspect`, align)).status, patience).toBe(200);
});

test('metrics count by route, status, outcome and criterion, without text or keys', async () => {
  const upstream = await startUpstream((_, response) => void sendEvents(response, chatEvents(['Say RUDE words.'])).end());
  const server = await start({ upstream: upstream.url, keys: ['secret-key'] });
  const headers = { authorization: 'Bearer secret-key' };
  await (await post(`${server.url}/v1/chat/completions`, chatBody(true), { headers })).text();
  await post(`${server.url}/v1/align`, { response: 'Fine.' }, { headers });
  await post(`${server.url}/v1/secret-path?secret=query`, {}, { headers });
  const text = await (await fetch(`${server.url}/metrics`)).text();
  for (const line of [
    'align_squad_requests_total{route="/v1/chat/completions",status="200"} 1',
    'align_squad_requests_total{route="/v1/align",status="200"} 1',
    'align_squad_requests_total{route="other",status="404"} 1',
    'align_squad_answers_total{outcome="aligned"} 1',
    'align_squad_answers_total{outcome="clean"} 1',
    'align_squad_verdicts_total{criterion="ethical",before="flag",after="pass"} 1',
    'align_squad_added_latency_seconds_count 2',
    'align_squad_in_flight 1',
  ]) expect(text).toContain(`${line}\n`);
  expect(text).not.toMatch(/secret|RUDE|KIND/);
});

test('two servers count for themselves', async () => {
  const [one, other] = [await start(), await start()];
  await post(`${one.url}/v1/align`, align);
  expect(await (await fetch(`${other.url}/metrics`)).text()).not.toContain('/v1/align');
});

test('playground and metrics can be left out', async () => {
  const server = await start({ playground: false, metrics: false });
  expect(await Promise.all(['/', '/metrics'].map(async (path) => (await fetch(`${server.url}${path}`)).status))).toEqual([404, 404]);
  expect(await (await fetch((await start()).url)).text()).toContain('<html');
});

test('each request is logged once, without text, key and query', async () => {
  const entries: RequestLogEntry[] = [];
  const upstream = await startUpstream((_, response) => sendJson(response, completion('DULL'), 200, { 'x-request-id': 'up-1' }));
  const server = await start({ upstream: upstream.url, keys: ['secret-key'], logger: (entry) => entries.push(entry) });
  const headers = { authorization: 'Bearer secret-key' };
  await post(`${server.url}/v1/chat/completions?secret=query`, chatBody(false, 'secret prompt'), { headers });
  await post(`${server.url}/v1/align`, { secret: 1 }, { headers });
  const refused = await post(`${server.url}/v1/align`, align);
  expect(entries).toMatchObject([
    { method: 'POST', route: '/v1/chat/completions', status: 200, outcome: 'blocked', id: 'up-1' },
    { route: '/v1/align', status: 400, error: 'invalid-exchange' },
    { route: '/v1/align', status: 401, error: 'invalid_api_key', id: refused.headers.get('x-request-id') },
  ]);
  expect(JSON.stringify(entries)).not.toMatch(/secret|RUDE|DULL/);
});
