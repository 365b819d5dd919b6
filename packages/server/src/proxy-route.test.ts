import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { chatBody, chatEvents, clientOf, completion, post, responseEvents, responseOf, sendEvents, sendJson, start, startUpstream } from './test-support.js';

const messages = [{ role: 'user', content: 'How?' }] as const;

test('the openai client gets an aligned chat completion', async () => {
  const upstream = await startUpstream((_, response) => sendJson(response, completion('Say RUDE words.')));
  const server = await start({ upstream: upstream.url });
  const answer = await clientOf(server).chat.completions.create({ model: 'm', messages: [...messages] });
  expect(answer.choices[0]?.message.content).toBe('Say KIND words.');
});

test('the openai client gets an aligned stream of chunks', async () => {
  const upstream = await startUpstream((_, response) => void sendEvents(response, chatEvents(['Say RU', 'DE words. And', ' go.'])).end());
  const server = await start({ upstream: upstream.url });
  const stream = await clientOf(server).chat.completions.create({ model: 'm', messages: [...messages], stream: true });
  const texts: string[] = [];
  for await (const chunk of stream) texts.push(chunk.choices[0]?.delta.content ?? '');
  expect(texts.join('')).toBe('Say KIND words. And go.');
});

test('the openai client gets an aligned response', async () => {
  const upstream = await startUpstream((_, response) => sendJson(response, responseOf('Say RUDE words.')));
  const server = await start({ upstream: upstream.url });
  expect((await clientOf(server).responses.create({ model: 'm', input: 'How?' })).output_text).toBe('Say KIND words.');
});

test('the openai client gets an aligned stream of a response', async () => {
  const upstream = await startUpstream((_, response) => void sendEvents(response, responseEvents(['Say RU', 'DE words. And', ' go.'])).end());
  const server = await start({ upstream: upstream.url });
  const stream = await clientOf(server).responses.create({ model: 'm', input: 'How?', stream: true });
  const texts: string[] = [];
  for await (const event of stream) {
    expect(JSON.stringify(event)).not.toContain('RUDE');
    if (event.type === 'response.output_text.delta') texts.push(event.delta);
  }
  expect(texts.join('')).toBe('Say KIND words. And go.');
});

test('curl gets an aligned answer', async ({ skip }) => {
  const run = promisify(execFile);
  const isThere = await run('curl', ['--version']).catch(() => undefined);
  if (isThere === undefined) skip();
  const upstream = await startUpstream((_, response) => sendJson(response, completion('Say RUDE words.')));
  const server = await start({ upstream: upstream.url, keys: ['secret'] });
  const flags = ['-s', '--noproxy', '*', '-H', 'content-type: application/json', '-H', 'authorization: Bearer secret', '-d', JSON.stringify(chatBody())];
  const { stdout } = await run('curl', [...flags, `${server.url}/v1/chat/completions`]);
  expect(JSON.parse(stdout)).toMatchObject({ choices: [{ message: { content: 'Say KIND words.' } }] });
});

test('the list of models is passed through', async () => {
  const upstream = await startUpstream((_, response) => sendJson(response, { object: 'list', data: [{ id: 'm' }] }));
  const server = await start({ upstream: upstream.url });
  const { data } = await clientOf(server).models.list();
  expect([data.map(({ id }) => id), upstream.requests[0]?.path]).toEqual([['m'], '/v1/models']);
});

test.each(['/v1/embeddings', '/v1/completions', '/v1/chat/completions/id', '/v1/responses/id', '/unheard-of'])('%s is not passed on', async (path) => {
  const upstream = await startUpstream((_, response) => sendJson(response, {}));
  const server = await start({ upstream: upstream.url });
  const response = await post(`${server.url}${path}`, {});
  expect([response.status, await response.json()]).toEqual([404, { error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: 'not_found' } }]);
  expect(upstream.requests).toEqual([]);
});

test.each(['/v1/chat/completions', '/v1/responses'])('without an upstream %s says so', async (path) => {
  const response = await post(`${(await start()).url}${path}`, {});
  expect([response.status, await response.json()]).toMatchObject([501, { error: { code: 'no_upstream', type: 'server_error' } }]);
});

test.each<[number, { readonly error: object }]>([
  [400, { error: { message: 'Bad model.', type: 'invalid_request_error', param: 'model', code: 'bad' } }],
  [429, { error: { message: 'Slow down.', type: 'requests', param: null, code: 'rate_limit' } }],
  [500, { error: { message: 'Oh.', type: 'server_error', param: null, code: null } }],
])('an upstream that answers %d is passed on with status and body', async (status, body) => {
  const upstream = await startUpstream((_, response) => sendJson(response, body, status, { 'retry-after': '7', 'x-request-id': 'up-1', 'x-ratelimit-remaining-requests': '0', 'set-cookie': 'a=b' }));
  const server = await start({ upstream: upstream.url });
  const error: unknown = await clientOf(server).chat.completions.create({ model: 'm', messages: [...messages] }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OpenAI.APIError);
  expect(error).toMatchObject({ status, requestID: 'up-1', error: body.error });
  const response = await post(`${server.url}/v1/responses`, {});
  expect([response.status, await response.json()]).toEqual([status, body]);
  expect(['retry-after', 'x-ratelimit-remaining-requests', 'set-cookie'].map((name) => response.headers.get(name))).toEqual(['7', '0', null]);
});

describe('headers', () => {
  const sent = { authorization: 'Bearer theirs', 'openai-organization': 'o', 'openai-project': 'p', 'idempotency-key': 'i', 'user-agent': 'ua', accept: 'application/json', cookie: 'c=1', 'x-forwarded-for': '10.0.0.1', te: 'trailers' };
  const ask = async (options: object, headers: Record<string, string> = sent) => {
    const upstream = await startUpstream((_, response) => sendJson(response, completion('Fine.')));
    const server = await start({ upstream: upstream.url, ...options });
    expect((await post(`${server.url}/v1/chat/completions`, chatBody(), { headers })).status).toBe(200);
    return upstream.requests[0]?.headers ?? {};
  };

  test('that are safe go upstream, others do not', async () => {
    const headers = await ask({});
    const { 'content-type': _type, cookie, 'x-forwarded-for': forwarded, te, ...wanted } = { 'content-type': '', ...sent };
    expect(headers).toMatchObject({ ...wanted, 'content-type': 'application/json' });
    expect([headers['cookie'], headers['x-forwarded-for'], headers['te']]).toEqual([undefined, undefined, undefined]);
    expect([cookie, forwarded, te]).not.toContain(undefined);
  });

  test('a key of the upstream replaces that of the client', async () => {
    expect((await ask({ upstreamKey: 'ours' }))['authorization']).toBe('Bearer ours');
  });

  test("keys of the server's own never go upstream", async () => {
    expect((await ask({ keys: ['theirs'] }))['authorization']).toBeUndefined();
    expect((await ask({ keys: ['theirs'], upstreamKey: 'ours' }))['authorization']).toBe('Bearer ours');
  });
});

test.each([
  ['', '/v1/models'],
  ['/', '/v1/models'],
  ['/v1/', '/v1/models'],
  ['/openai/beta', '/openai/beta/models'],
])('an upstream whose path is "%s" is asked at %s', async (path, asked) => {
  const upstream = await startUpstream((_, response) => sendJson(response, {}));
  const server = await start({ upstream: upstream.url.replace('/v1', path) });
  await fetch(`${server.url}/v1/models`);
  expect(upstream.requests[0]?.path).toBe(asked);
});

test('32 answers at once never mix', async () => {
  const upstream = await startUpstream(async ({ body }, response) => {
    const mark = /mark-\d+/.exec(body)?.[0];
    for (const event of chatEvents([`This is ${mark}. `, 'Say RUDE ', `words of ${mark}.`])) {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event);
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  const server = await start({ upstream: upstream.url, maxConcurrent: 8 });
  const marks = Array.from({ length: 32 }, (_, index) => `mark-${index + 100}`);
  const answers = await Promise.all(
    marks.map(async (mark) => {
      const stream = await clientOf(server).chat.completions.create({ model: 'm', stream: true, messages: [{ role: 'user', content: mark }] });
      let text = '';
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      return text;
    }),
  );
  expect(answers).toEqual(marks.map((mark) => `This is ${mark}. Say KIND words of ${mark}.`));
});
