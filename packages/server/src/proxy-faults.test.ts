import { request as httpRequest } from 'node:http';
import { doubleInspector, leakCases, leakMark, leakText } from '@align-squad/embedded/testing';
import { createSquad } from '@align-squad/squad';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { chatBody, chatEvents, chunkEvent, clientOf, completion, patience, post, responseEvents, sendEvents, sendJson, start, startUpstream, type UpstreamHandler } from './test-support.js';

const code = (status: number, name: string): unknown => [status, expect.objectContaining({ error: expect.objectContaining({ code: name }) })];

async function streamText(handler: UpstreamHandler, path = '/v1/chat/completions'): Promise<string> {
  const upstream = await startUpstream(handler);
  const server = await start({ upstream: upstream.url });
  return (await post(`${server.url}${path}`, chatBody(true))).text();
}

/** The last event, which must be an error, and that nothing of the mark or the end is there. */
function lastError(text: string): unknown {
  expect(text).not.toMatch(/RUDE|\[DONE\]/);
  const last = text.trimEnd().split('\n\n').at(-1) ?? '';
  return JSON.parse(last.replace('data: ', ''));
}

test('an upstream that drops in the middle ends the stream with an error event', async () => {
  const text = await streamText((_, response) => {
    sendEvents(response, [chunkEvent('All is well. '), chunkEvent('Say RUDE wo')]);
    setTimeout(() => response.destroy(), 50);
  });
  expect(text).toContain('All is well. ');
  expect(lastError(text)).toEqual({ error: { message: 'The upstream broke off its answer.', type: 'server_error', param: null, code: 'source-failed' } });
});

test('the openai client throws the error event of a stream that broke', async () => {
  const upstream = await startUpstream((_, response) => {
    sendEvents(response, [chunkEvent('All is well. '), chunkEvent('Say RUDE wo')]);
    setTimeout(() => response.destroy(), 50);
  });
  const server = await start({ upstream: upstream.url });
  const stream = await clientOf(server).chat.completions.create({ model: 'm', stream: true, messages: [{ role: 'user', content: 'How?' }] });
  const read = async (): Promise<void> => {
    for await (const chunk of stream) expect(JSON.stringify(chunk)).not.toContain('RUDE');
  };
  const error: unknown = await read().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OpenAI.APIError);
  expect(error).toMatchObject({ code: 'source-failed' });
});

test.each<[string, string | Uint8Array]>([
  ['half an event', 'data: {"choices":[{"index":0,"delta":{"content":"RUDE'],
  ['no JSON', 'data: RUDE\n\n'],
  ['no UTF-8', Buffer.from([...Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"RUDE '), 0xff, 0xfe, ...Buffer.from('"}}]}\n\n')])],
  ['choices that are none', 'data: {"choices":"RUDE"}\n\n'],
])('a stream with %s ends with an error event', async (_, event) => {
  const text = await streamText((_request, response) => void sendEvents(response, [chunkEvent('All is well. '), event]).end());
  expect(lastError(text)).toMatchObject({ error: { code: 'source-failed' } });
});

test.each<[string, string | Uint8Array]>([
  ['no JSON', '{"choices":[{"message":{"content":"RUDE'],
  ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ['no choices', '{"choices":"RUDE"}'],
])('an answer that is %s is a 502 without its text', async (_, body) => {
  const upstream = await startUpstream((_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(body));
  const response = await post(`${(await start({ upstream: upstream.url })).url}/v1/chat/completions`, chatBody());
  const text = await response.text();
  expect([response.status, JSON.parse(text)]).toEqual(code(502, 'source-failed'));
  expect(text).not.toContain('RUDE');
});

test('an answer in one piece that breaks off is a 502', async () => {
  const upstream = await startUpstream((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"choices":');
    setTimeout(() => response.destroy(), 50);
  });
  const response = await post(`${(await start({ upstream: upstream.url })).url}/v1/chat/completions`, chatBody());
  expect([response.status, await response.json()]).toEqual(code(502, 'source-failed'));
});

test('an upstream that is not there is a 502', async () => {
  const response = await post(`${(await start({ upstream: 'http://127.0.0.1:1' })).url}/v1/chat/completions`, chatBody());
  expect([response.status, await response.json()]).toEqual(code(502, 'source-failed'));
});

test('a redirect of the upstream is not followed', async () => {
  const upstream = await startUpstream(({ path }, response) => {
    if (path === '/v1/models') response.writeHead(302, { location: '/elsewhere' }).end();
    else sendJson(response, {});
  });
  expect((await fetch(`${(await start({ upstream: upstream.url })).url}/v1/models`)).status).toBe(502);
  expect(upstream.requests.map(({ path }) => path)).toEqual(['/v1/models']);
});

test('one huge chunk is aligned as a whole', async () => {
  const sentences = Array.from({ length: 400 }, (_, index) => `Sentence ${index} says RUDE words. `).join('');
  const text = await streamText((_, response) => void sendEvents(response, [chatEvents([sentences]).join('')]).end());
  expect(text).not.toContain('RUDE');
  expect(text).toContain('Sentence 399 says KIND words.');
  expect(text).toContain('[DONE]');
});

test.each([true, false])('a client that goes away ends the request upstream (stream: %s)', async (stream) => {
  const upstream = await startUpstream((_, response) => {
    if (stream) sendEvents(response, [chunkEvent('All is well. Really. ')]);
  });
  const server = await start({ upstream: upstream.url });
  const controller = new AbortController();
  const response = post(`${server.url}/v1/chat/completions`, chatBody(stream), { signal: controller.signal });
  response.catch(() => undefined);
  if (stream) await (await response).body?.getReader().read();
  await expect.poll(() => upstream.requests.length, patience).toBe(1);
  expect(upstream.left()).toBe(0);
  controller.abort();
  await expect.poll(() => upstream.left(), patience).toBe(1);
});

describe('a squad that fails', () => {
  const ask = async (options: object, stream: boolean): Promise<string> => {
    const answer = 'All is CRASH well.';
    const upstream = await startUpstream((_, response) => (stream ? void sendEvents(response, chatEvents([answer])).end() : sendJson(response, completion(answer))));
    return (await post(`${(await start({ upstream: upstream.url, ...options })).url}/v1/chat/completions`, chatBody(stream))).text();
  };

  test.each([true, false])('withholds the answer (stream: %s)', async (stream) => {
    const text = await ask({}, stream);
    expect(text).not.toContain('CRASH');
    expect(text).toContain('withheld');
  });

  test.each([true, false])('lets the answer through where its criteria fail open (stream: %s)', async (stream) => {
    expect(await ask({ failOpen: ['ethical', 'helpful'] }, stream)).toContain('All is CRASH well.');
  });
});

test.each([true, false])('an upstream that takes too long is a timeout (stream: %s)', async (stream) => {
  const upstream = await startUpstream((_, response) => {
    if (stream) sendEvents(response, [chunkEvent('All is well. '), chunkEvent('Say RUDE')]);
  });
  const server = await start({ upstream: upstream.url, timeoutMs: 150 });
  const response = await post(`${server.url}/v1/chat/completions`, chatBody(stream));
  const text = await response.text();
  if (stream) expect([response.status, lastError(text)]).toEqual(code(200, 'deadline-exceeded'));
  else expect([response.status, JSON.parse(text)]).toEqual(code(504, 'deadline-exceeded'));
  await expect.poll(() => upstream.left(), patience).toBe(1);
});

test('a policy that throws refuses the answer', async () => {
  const upstream = await startUpstream((_, response) => sendJson(response, completion('DULL')));
  const response = await post(`${(await start({ upstream: upstream.url, onUnfixed: 'throw' })).url}/v1/chat/completions`, chatBody());
  expect([response.status, await response.json()]).toEqual(code(422, 'blocked'));
});

describe('the misaligned sentence in every chunking', () => {
  let events: readonly string[] = [];
  const startBoth = async (options: object = {}) => {
    const upstream = await startUpstream((_, response) => void sendEvents(response, events).end());
    return start({ upstream: upstream.url, ...options });
  };
  // bytes as they come, so that nothing between two of them is missed
  const read = ({ port }: { readonly port: number }, path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = httpRequest({ port, host: '127.0.0.1', path, method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks).toString()));
      });
      asked.on('error', reject).end(JSON.stringify(chatBody(true)));
    });
  const textOf = (sse: string): string =>
    sse
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)) as { choices?: { delta: { content?: string } }[]; type?: string; delta?: string })
      .map(({ choices, type, delta }) => choices?.[0]?.delta.content ?? (type === 'response.output_text.delta' ? delta : '') ?? '')
      .join('');
  const mended = leakText.replace(leakMark, 'KIND');

  test.each([
    ['/v1/chat/completions', chatEvents],
    ['/v1/responses', responseEvents],
  ] as const)('never shows on %s, and the mended text arrives', async (path, eventsOf) => {
    const server = await startBoth();
    for (const { size, pieces } of leakCases()) {
      events = eventsOf(pieces);
      const sse = await read(server, path);
      expect(sse, `pieces of ${size}`).not.toContain(leakMark);
      expect(textOf(sse), `pieces of ${size}`).toBe(mended);
    }
  });

  test('shows where a policy keeps what nothing mends, so that these tests could fail', async () => {
    const squad = createSquad({ inspectors: [doubleInspector()], aligners: [] });
    events = chatEvents(leakCases()[6]?.pieces ?? []);
    expect(textOf(await read(await startBoth({ squad, onUnfixed: 'keep' }), '/v1/chat/completions'))).toContain(leakMark);
  });
});
