import { connect } from 'node:net';
import { AlignSquadError } from '@align-squad/core';
import { doubleSquad } from '@align-squad/embedded/testing';
import type { Squad } from '@align-squad/squad';
import { expect, test } from 'vitest';
import { createServer } from './create-server.js';
import { chatBody, chatEvents, chunkEvent, patience, post, sendEvents, sseData, start, startUpstream } from './test-support.js';

test('close finishes a running stream, refuses other requests and frees the port', async () => {
  let finish = (): void => undefined;
  const upstream = await startUpstream((_, response) => {
    sendEvents(response, [chunkEvent('All is well. Say RUDE ')]);
    finish = () => void response.end(`${chunkEvent('words.')}${sseData('[DONE]')}`);
  });
  const server = await start({ upstream: upstream.url });
  const response = await post(`${server.url}/v1/chat/completions`, chatBody(true));
  const reader = response.body?.getReader();
  const first = new TextDecoder().decode((await reader?.read())?.value);
  const closing = server.close();
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  finish();
  let rest = '';
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) rest += new TextDecoder().decode(next.value);
  expect([first, rest]).toEqual([expect.stringContaining('All is well.'), expect.stringContaining('KIND words.')]);
  expect(rest).toContain('[DONE]');
  await closing;
  const again = await createServer({ squad: doubleSquad() }).listen({ port: server.port });
  await again.close();
});

test('close breaks off what takes longer than `shutdownMs`, with an error event', async () => {
  const upstream = await startUpstream((_, response) => void sendEvents(response, [chunkEvent('All is well. Say RUDE ')]));
  const server = await start({ upstream: upstream.url, shutdownMs: 50 });
  const response = await post(`${server.url}/v1/chat/completions`, chatBody(true));
  const closing = server.close();
  const text = await response.text();
  expect(text).toContain('"code":"shutting_down"');
  expect(text).not.toMatch(/RUDE|\[DONE\]/);
  await closing;
  await expect.poll(() => upstream.left(), patience).toBe(1);
});

test('close does not wait for connections without a request, and can be called twice', async () => {
  const server = await start();
  await fetch(`${server.url}/healthz`);
  const socket = connect(server.port, '127.0.0.1');
  await new Promise((resolve) => socket.on('connect', resolve));
  const ended = new Promise((resolve) => socket.on('close', resolve));
  await Promise.all([server.close(), server.close(), ended]);
});

test('a server that stops says so to requests that still come in', async () => {
  const server = createServer({ squad: doubleSquad() });
  await server.ready;
  const running = await server.listen({ port: 0 });
  expect((await server.app.request('/readyz')).status).toBe(200);
  await running.close();
  const response = await server.app.request('/v1/align', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"response":"a"}' });
  expect([response.status, response.headers.get('connection'), await response.json()]).toMatchObject([503, 'close', { error: { code: 'shutting_down' } }]);
  const statuses = await Promise.all(['/readyz', '/healthz'].map(async (path) => (await server.app.request(path)).status));
  expect(statuses).toEqual([503, 200]);
});

test('a server is ready once its squad is there, and requests wait for it', async () => {
  let arrive: (squad: Squad) => void = () => undefined;
  const server = await start({ squad: new Promise((resolve) => (arrive = resolve)) });
  const aligned = post(`${server.url}/v1/align`, { response: 'RUDE' });
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  arrive(doubleSquad());
  expect(await (await aligned).json()).toMatchObject({ response: 'KIND' });
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});

test('a squad that can not be loaded is said by `ready` and by each request, without its text', async () => {
  const server = createServer({ squad: Promise.reject(new AlignSquadError('There is no pack.', { code: 'pack-not-found' })) });
  await expect(server.ready).rejects.toMatchObject({ code: 'pack-not-found' });
  const response = await server.app.request('/v1/align', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"response":"a"}' });
  expect([response.status, (await server.app.request('/readyz')).status]).toEqual([500, 503]);
});

test.each<[string, object]>([
  ['a threshold', { thresholds: { ethical: 2 } }],
  ['a policy', { onUnfixed: 'hide' }],
  ['a stream option', { maxHoldMs: -1 }],
])('%s that only the squad can check is refused before any request', async (_, options) => {
  await expect(createServer({ squad: doubleSquad(), ...options }).ready).rejects.toMatchObject({ code: 'invalid-options' });
});

test('criteria that the squad does not serve are refused before any request', async () => {
  await expect(createServer({ squad: doubleSquad(), criteria: ['unheard-of'] }).ready).rejects.toMatchObject({ code: 'unknown-criterion' });
});

test.each<[string, object]>([
  ['an unknown option', { upstreams: 'http://127.0.0.1' }],
  ['an upstream that is no URL', { upstream: 'secret' }],
  ['an upstream with credentials', { upstream: 'http://user:secret@127.0.0.1/v1' }],
  ['an upstream of another protocol', { upstream: 'file:///secret' }],
  ['no keys at all', { keys: [] }],
  ['an empty key', { keys: [''] }],
  ['no places', { maxConcurrent: 0 }],
  ['a time that timers can not keep', { timeoutMs: 2 ** 31 }],
  ['no squad', { squad: undefined }],
])('%s is refused at once, without its value', (_, options) => {
  const make = (): unknown => createServer({ squad: doubleSquad(), ...options });
  expect(make).toThrow(expect.objectContaining({ code: 'invalid-options', message: expect.not.stringContaining('secret') }));
});

test('a port that is taken is refused', async () => {
  const { port } = await start();
  await expect(createServer({ squad: doubleSquad() }).listen({ port })).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining('EADDRINUSE') });
});

test('the globals of the process stay as they are', async () => {
  const before = [globalThis.Request, globalThis.Response];
  const upstream = await startUpstream((_, response) => void sendEvents(response, chatEvents(['Fine.'])).end());
  await (await post(`${(await start({ upstream: upstream.url })).url}/v1/chat/completions`, chatBody(true))).text();
  expect([globalThis.Request, globalThis.Response]).toEqual(before);
});
