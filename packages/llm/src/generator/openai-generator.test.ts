import { getEventListeners } from 'node:events';
import { AlignSquadError, collectCompletion, type GenerateRequest } from '@align-squad/core';
import { generatorConformance } from '@align-squad/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { startOpenaiTestServer, type Fault, type OpenaiTestServer, type OpenaiTestServerOptions } from '../testing/index.js';
import { createOpenaiGenerator, type OpenaiGeneratorOptions } from './openai-generator.js';

const key = 'sk-secret-key';
const secret = 'the text of a user';
const answerText = 'Rain falls, runs to the sea, and rises again as vapour. Then it falls once more.';
const servers: OpenaiTestServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: Partial<OpenaiTestServerOptions> = {}): Promise<OpenaiTestServer> {
  const server = await startOpenaiTestServer({ answer: () => answerText, retryAfterMs: 1, ...options });
  servers.push(server);
  return server;
}

const generatorFor = ({ baseUrl }: Pick<OpenaiTestServer, 'baseUrl'>, options: Partial<OpenaiGeneratorOptions> = {}) =>
  createOpenaiGenerator({ baseUrl, apiKey: key, model: 'm', maxRetries: 0, ...options });
const always = (fault: Fault) => ({ faultOf: () => fault });

async function failureOf(promise: Promise<unknown>): Promise<AlignSquadError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  if (!AlignSquadError.isInstance(error)) throw new AlignSquadError('Expected one of our errors.', { code: 'conformance' });
  // Neither message nor stack nor cause may tell the key or a text.
  expect(error.cause).toBeUndefined();
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toMatch(/sk-secret|the text of|Rain falls/);
  return error;
}

describe.each(['chat', 'completions'] as const)('on the endpoint %s', (endpoint) => {
  const cases = generatorConformance({
    create: async () => generatorFor(await start(), { endpoint }),
    request: { prompt: 'How does rain come about?' },
  });
  for (const { name, run } of cases) test(name, run);

  test('text comes in pieces as the server gives them', async () => {
    const generator = generatorFor(await start(), { endpoint });
    const pieces: string[] = [];
    for await (const event of generator.generate({ prompt: 'Why?' })) if (event.type === 'text') pieces.push(event.text);
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe(answerText);
  });

  test('log-probabilities come with the end, place by place', async () => {
    const places = [
      [{ token: 'A', logprob: -0.1 }, { token: 'B', logprob: -2.3 }],
      [{ token: ' ', logprob: -0.2 }],
    ];
    const server = await start({ answer: () => 'A', candidates: () => places });
    const generator = generatorFor(server, { endpoint });
    expect((await collectCompletion(generator, { prompt: 'A or B?', topLogprobs: 2 })).topLogprobs).toEqual(places);
    expect(await collectCompletion(generator, { prompt: 'A or B?' })).toEqual({ text: 'A', reason: 'stop' });
  });

  test.each<Fault>(['truncated', 'dropped', 'stalled'])('an answer that is %s in its midst is a failure', async (fault) => {
    const server = await start({ faults: always(fault) });
    const error = await failureOf(collectCompletion(generatorFor(server, { endpoint, timeoutMs: fault === 'stalled' ? 300 : 20_000 }), { prompt: secret }));
    expect(error.code).toBe('generator-failed');
    expect(error.message).toMatch({ truncated: /broke off/, dropped: /connection .*broke/, stalled: /within 300 ms/ }[fault as 'dropped']);
    await expect.poll(() => server.statistics().active).toBe(0);
  });

  test('an abort amid a stalled stream rejects with its reason at once, and the server sees the connection close', async () => {
    const server = await start({ faults: always('stalled') });
    const controller = new AbortController();
    const reason = { aborted: 'by a test' };
    const reading = (async () => {
      for await (const event of generatorFor(server, { endpoint }).generate({ prompt: secret }, { signal: controller.signal })) {
        if (event.type === 'text') setTimeout(() => controller.abort(reason), 10);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    await expect.poll(() => server.statistics().active).toBe(0);
  });

  test('a reader that stops early closes the connection', async () => {
    const server = await start({ faults: always('stalled') });
    for await (const event of generatorFor(server, { endpoint }).generate({ prompt: 'Why?' })) {
      expect(event.type).toBe('text');
      break;
    }
    await expect.poll(() => server.statistics()).toMatchObject({ active: 0, answered: 0 });
  });
});

describe('a chat request', () => {
  async function bodyOf(request: GenerateRequest, options: Partial<OpenaiGeneratorOptions> = {}): Promise<unknown> {
    let body: unknown;
    const server = await start({ answer: (asked) => ((body = asked), 'Yes.') });
    await collectCompletion(generatorFor(server, options), request);
    return body;
  }

  test('is greedy, and names nothing that was not asked for', async () => {
    expect(await bodyOf({ prompt: 'Why?' })).toEqual({ model: 'm', messages: [{ role: 'user', content: 'Why?' }], temperature: 0, stream: true });
  });

  test('holds all that was asked for', async () => {
    const schema = { name: 'answer', schema: { type: 'object' } };
    const prompt = [{ role: 'system', content: 'Be brief.' }, { role: 'tool', content: 'It rains.' }] as const;
    expect(await bodyOf({ prompt, maxTokens: 9, temperature: 0.7, stop: ['\n'], seed: 3, schema, topLogprobs: 4 })).toEqual({
      model: 'm',
      messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'It rains.' }],
      max_tokens: 9,
      temperature: 0.7,
      stop: ['\n'],
      seed: 3,
      response_format: { type: 'json_schema', json_schema: { ...schema, strict: true } },
      logprobs: true,
      top_logprobs: 4,
      stream: true,
    });
  });

  test('takes other names and fields from the options', async () => {
    const body = await bodyOf({ prompt: 'Why?', maxTokens: 9 }, { maxTokensField: 'max_completion_tokens', extraBody: { temperature: 1, stream: false } });
    expect(body).toMatchObject({ max_completion_tokens: 9, temperature: 1, stream: true });
    expect(body).not.toHaveProperty('max_tokens');
  });
});

test('a text completion is asked for with the prompt as it is, and not cut off after 16 tokens', async () => {
  const bodies: unknown[] = [];
  const fetch: typeof globalThis.fetch = async (_, init) => {
    bodies.push(JSON.parse(String(init?.body)));
    return new Response('data: {"choices":[{"text":"y","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
  };
  const generator = generatorFor({ baseUrl: 'http://127.0.0.1:1/v1' }, { endpoint: 'completions', fetch });
  expect(await collectCompletion(generator, { prompt: '<s>x [INIT] y [ALIGNED]', topLogprobs: 2 })).toEqual({ text: 'y', reason: 'stop' });
  expect(bodies).toEqual([{ model: 'm', prompt: '<s>x [INIT] y [ALIGNED]', temperature: 0, max_tokens: 512, logprobs: 2, stream: true }]);
});

test('headers go with each request', async () => {
  let seen: Headers | undefined;
  const fetch: typeof globalThis.fetch = async (_, init) => {
    seen = new Headers(init?.headers);
    return new Response('data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n');
  };
  await collectCompletion(generatorFor({ baseUrl: 'http://127.0.0.1:1/v1' }, { headers: { 'x-team': 'blue' }, fetch }), { prompt: 'Why?' });
  expect([seen?.get('x-team'), seen?.get('authorization')]).toEqual(['blue', `Bearer ${key}`]);
});

describe('a server that fails', () => {
  test.each<[Fault, RegExp]>([
    ['rate-limit', /status 429/],
    ['server-error', /status 500/],
    ['unauthorized', /refused the API key \(status 401\)/],
    ['reset', /could not be reached/],
  ])('with %s is told without key and text', async (fault, message) => {
    const error = await failureOf(collectCompletion(generatorFor(await start({ faults: always(fault) })), { prompt: secret }));
    expect(error.code).toBe('generator-failed');
    expect(error.message).toMatch(message);
  });

  test('because it does not know the key is told so', async () => {
    const error = await failureOf(collectCompletion(generatorFor(await start({ apiKey: 'another' })), { prompt: secret }));
    expect(error.message).toMatch(/refused the API key \(status 401\)/);
  });

  test('to be there is told by the code of the system', async () => {
    const server = await start();
    await server.close();
    const error = await failureOf(collectCompletion(generatorFor(server), { prompt: secret }));
    expect(error.message).toMatch(/could not be reached \(ECONNREFUSED\)/);
  });

  test('is asked again so often as it may, and no more', async () => {
    const server = await start({ faults: { faultOf: (_, attempt) => (attempt < 2 ? 'rate-limit' : undefined) } });
    expect((await collectCompletion(generatorFor(server, { maxRetries: 2 }), { prompt: 'Why?' })).text).toBe(answerText);
    expect(server.statistics().requests).toBe(3);
    const broken = await start({ faults: always('rate-limit') });
    await failureOf(collectCompletion(generatorFor(broken, { maxRetries: 2 }), { prompt: secret }));
    expect(broken.statistics().requests).toBe(3);
  });

  test('can be left while it asks to wait', async () => {
    const server = await start({ faults: always('rate-limit'), retryAfterMs: 2000 });
    const controller = new AbortController();
    const running = collectCompletion(generatorFor(server, { maxRetries: 5 }), { prompt: 'Why?' }, { signal: controller.signal });
    await expect.poll(() => server.statistics().requests).toBe(1);
    controller.abort('enough');
    await expect(running).rejects.toBe('enough');
  });
});

test.each<[string, object]>([
  ['no model', { model: '' }],
  ['no address', { baseUrl: 'localhost' }],
  ['an unheard-of endpoint', { endpoint: 'responses' }],
  ['an unknown option', { temperature: 1 }],
])('options with %s are refused', (_, change) => {
  expect(() => createOpenaiGenerator({ baseUrl: 'http://127.0.0.1:1/v1', model: 'm', ...change })).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
