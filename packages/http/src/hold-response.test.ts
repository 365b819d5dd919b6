import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip } from 'node:zlib';
import { doubleSquad } from '@align-squad/embedded/testing';
import { expect, onTestFinished, test } from 'vitest';
import { holdResponse } from './hold-response.js';
import { createReplyAligner } from './reply-aligner.js';

const align = createReplyAligner(undefined, { squad: doubleSquad() });

type Middleware = (response: ServerResponse) => void;

const hold: Middleware = (response) =>
  holdResponse(response, { method: 'GET', align, request: () => ({ method: 'GET', url: '/', headers: {}, body: undefined }) });

/** A compressor, as middleware of that kind works: what it is to do is settled when the head is written. */
const compress: Middleware = (response) => {
  const [write, end, writeHead] = [response.write.bind(response), response.end.bind(response), response.writeHead.bind(response)];
  const gzip = createGzip();
  gzip.on('data', (chunk: Buffer) => write(chunk)).on('end', () => end());
  let isSettled = false;
  response.writeHead = (status: number) => {
    if (!isSettled) response.setHeader('content-encoding', 'gzip');
    isSettled = true;
    return writeHead(status);
  };
  const begin = (): void => {
    if (!isSettled) response.writeHead(response.statusCode);
  };
  // casts: the calls of these tests give chunks alone
  response.write = ((chunk: string) => {
    begin();
    return gzip.write(chunk);
  }) as ServerResponse['write'];
  response.end = ((chunk?: string) => {
    begin();
    gzip.end(chunk);
    return response;
  }) as ServerResponse['end'];
};

async function get(middleware: readonly Middleware[], route: (response: ServerResponse) => unknown): Promise<Response> {
  const server = createServer((_request, response) => {
    for (const one of middleware) one(response);
    void route(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

test.each<[string, (response: ServerResponse) => unknown]>([
  ['an object', (response) => response.writeHead(201, { 'content-type': 'application/json', 'x-own': ['1', '2'] })],
  ['a message and a list', (response) => response.writeHead(201, 'Made', ['content-type', 'application/json', 'x-own', '1', 'x-own', '2'])],
])('the head that a route writes as %s goes out with the aligned body', async (_what, writeHead) => {
  const reply = await get([hold], (response) => {
    writeHead(response);
    response.end('{"answer":"RUDE."}');
  });
  expect([reply.status, reply.headers.get('x-own'), await reply.text()]).toEqual([201, '1, 2', '{"answer":"KIND."}']);
});

test('a head without a type makes a text, and a head alone passes', async () => {
  const text = await get([hold], (response) => response.writeHead(200).end('RUDE.'));
  expect(await text.text()).toBe('KIND.');
  const none = await get([hold], (response) => response.writeHead(200).end());
  expect([none.status, none.headers.get('x-align-squad')]).toEqual([200, null]);
});

test('who writes more than is held hears when there is room', async () => {
  let drains = 0;
  const reply = await get([hold], async (response) => {
    response.setHeader('content-type', 'application/json');
    response.write('{"answer":"RUDE.","rest":"');
    for (let index = 0; index < 20; index += 1) {
      if (response.write('x'.repeat(50_000))) continue;
      await once(response, 'drain');
      drains += 1;
    }
    response.end('"}');
  });
  expect(await reply.json()).toEqual({ answer: 'KIND.', rest: 'x'.repeat(1_000_000) });
  expect(drains).toBeGreaterThan(5);
});

test('who writes what passes hears of the room of the client', async () => {
  const reply = await get([hold], async (response) => {
    response.setHeader('content-type', 'image/png');
    for (let index = 0; index < 20; index += 1) if (!response.write(Buffer.alloc(100_000))) await once(response, 'drain');
    response.end();
  });
  expect((await reply.arrayBuffer()).byteLength).toBe(2_000_000);
});

test('callbacks of write and end are called', async () => {
  const called: string[] = [];
  const reply = await get([hold], (response) => {
    response.setHeader('content-type', 'text/plain');
    response.write('RU', 'utf8', () => called.push('write'));
    response.end('REU=', 'base64', () => called.push('end'));
  });
  expect(await reply.text()).toBe('KIND');
  await expect.poll(() => called).toEqual(['write', 'end']);
});

test('after the first byte the head counts as sent, so that an error page is not mixed in', async () => {
  let isSent: boolean | undefined;
  const before: boolean[] = [];
  const reply = get([hold], (response) => {
    before.push(response.headersSent);
    response.setHeader('content-type', 'text/plain');
    response.write('RU');
    isSent = response.headersSent;
    response.destroy();
  });
  await expect(reply.then((given) => given.text())).rejects.toThrow();
  expect([before, isSent]).toEqual([[false], true]);
});

test('a compressor outside of it compresses what is aligned; one inside makes a reply that is refused', async () => {
  const route = (response: ServerResponse): void => {
    response.setHeader('content-type', 'text/plain');
    response.write('Be RU');
    response.end('DE.');
  };
  const outside = await get([compress, hold], route);
  expect([outside.headers.get('content-encoding'), await outside.text()]).toEqual(['gzip', 'Be KIND.']);
  const inside = await get([hold, compress], route);
  expect([inside.status, await inside.text()]).toEqual([500, expect.stringContaining('inside the compressor')]);
});
