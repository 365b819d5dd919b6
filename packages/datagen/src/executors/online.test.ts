import { AlignSquadError } from '@align-squad/core';
import { afterEach, expect, test, vi } from 'vitest';
import { createFaultPlan, type Fault } from '@align-squad/llm/testing';
import { startOpenaiTestServer, type OpenaiTestServer, type OpenaiTestServerOptions } from '@align-squad/llm/testing';
import { createBackoff } from './backoff.js';
import { toChatBody } from './chat-completion.js';
import { executorStopOf } from './executor-stop.js';
import { createOnlineExecutor, type OnlineExecutorOptions } from './online.js';
import { collect, requestOf, requestsOf, stream, visibleText } from './test-support.js';

let server: OpenaiTestServer;
const key = 'sk-very-secret';
const secret = 'a very private question';

afterEach(async () => {
  await server?.close();
});

async function start(options: Partial<OpenaiTestServerOptions> = {}, executor: Partial<OnlineExecutorOptions> = {}) {
  server = await startOpenaiTestServer({ answer: (body) => `answer to ${String(body.messages[0]?.content)}`, ...options });
  return createOnlineExecutor({ baseUrl: server.baseUrl, apiKey: key, retryDelayMs: 2, ...executor });
}

const always = (fault: Fault) => ({ faultOf: () => fault });
const once = (fault: Fault) => createFaultPlan({ seed: 1, rates: { [fault]: 1 }, mostPerRequest: 1 });

test('each request is answered with its text and usage', async () => {
  const executor = await start();
  const [first, second] = [requestOf('one'), requestOf('two', { maxTokens: 2, stop: ['x'], schema: { name: 'n', schema: { type: 'object' } } })];
  const { answers } = await collect(executor.run(stream([first, second]), {}));
  const inputs = [first, second].map(({ body }) => Math.ceil(JSON.stringify(body.messages).length / 4));
  expect([...answers].sort((a, b) => (a.id === first.id ? -1 : b.id === first.id ? 1 : 0))).toEqual([
    { id: first.id, ok: true, text: 'answer to one', isComplete: true, usage: { input: inputs[0], output: 4 } },
    { id: second.id, ok: true, text: 'answer t', isComplete: false, usage: { input: inputs[1], output: 2 } },
  ]);
  expect(server.timesAnswered(toChatBody(second.body))).toBe(1);
});

test('candidates of tokens come with an answer when they are asked for', async () => {
  const candidates = [[{ token: 'yes', logprob: -0.1 }, { token: 'no', logprob: -2.4 }]];
  const executor = await start({ candidates: () => candidates });
  const { answers } = await collect(executor.run(stream([requestOf('told', { topLogprobs: 2 }), requestOf('untold')]), {}));
  const told = requestOf('told', { topLogprobs: 2 });
  expect(answers.find(({ id }) => id === told.id)).toMatchObject({ topLogprobs: candidates });
  expect(answers.find(({ id }) => id !== told.id)).not.toHaveProperty('topLogprobs');
});

test.each([
  ['server-error', 'http-500'],
  ['reset', 'connection'],
  ['truncated', 'truncated'],
  ['slow', 'timeout'],
] as const)('%s is tried again, and once too often it is the failure %s', async (fault, reason) => {
  const options = { maxRetries: 2, timeoutMs: fault === 'slow' ? 1000 : 30_000 };
  const healed = await start({ faults: once(fault), slowMs: 60_000 }, options);
  expect((await collect(healed.run(stream(requestsOf(5)), {}))).answers.map(({ ok }) => ok)).toEqual(Array(5).fill(true));
  expect(server.statistics()).toMatchObject({ requests: 10, answered: 5, mostAnswersOfABody: 1, faults: { [fault]: 5 } });
  await server.close();
  const broken = await start({ faults: always(fault), slowMs: 60_000 }, options);
  const request = requestOf(secret);
  expect(await collect(broken.run(stream([request]), {}))).toEqual({ answers: [{ id: request.id, ok: false, reason }], error: undefined });
  expect(server.statistics().requests).toBe(3);
});

test('a mix of all faults leaves no request without an answer and answers none twice', async () => {
  const rates = { 'rate-limit': 0.1, 'server-error': 0.1, truncated: 0.1, reset: 0.1, slow: 0.01 };
  const executor = await start({ faults: createFaultPlan({ seed: 7, rates }), slowMs: 60_000, retryAfterMs: 3, latencyMs: 1 }, { timeoutMs: 3000, concurrency: 32 });
  const requests = requestsOf(400);
  const { answers, error } = await collect(executor.run(stream(requests), {}));
  expect(error).toBeUndefined();
  expect(answers.every(({ ok }) => ok)).toBe(true);
  expect(answers.map(({ id }) => id).sort()).toEqual(requests.map(({ id }) => id).sort());
  expect(server.statistics()).toMatchObject({ answered: 400, bodies: 400, mostAnswersOfABody: 1 });
  expect(Object.values(server.statistics().faults).every((count) => count > 0)).toBe(true);
});

test('a 429 is no failure and is not repeated before its time', async () => {
  const executor = await start({ faults: once('rate-limit'), retryAfterMs: 150 }, { maxRetries: 0 });
  const begin = performance.now();
  const { answers } = await collect(executor.run(stream([requestOf('a')]), {}));
  expect(answers.map(({ ok }) => ok)).toEqual([true]);
  expect(performance.now() - begin).toBeGreaterThanOrEqual(149);
});

test('a server that refuses for ever ends as a failure of the request', async () => {
  const executor = await start({ faults: always('rate-limit'), retryAfterMs: 1 });
  const request = requestOf('a');
  expect((await collect(executor.run(stream([request]), {}))).answers).toEqual([{ id: request.id, ok: false, reason: 'rate-limited' }]);
});

test('other refusals are final at once', async () => {
  const fetch = vi.fn(async () => Response.json({ error: { message: secret } }, { status: 400 }));
  const request = requestOf(secret);
  expect((await collect(createOnlineExecutor({ baseUrl: 'http://127.0.0.1:1/v1', fetch }).run(stream([request]), {}))).answers).toEqual([{ id: request.id, ok: false, reason: 'http-400' }]);
  expect(fetch).toHaveBeenCalledTimes(1);
});

test('a server that refuses `max_tokens` is asked under the other name, learned once, within the same attempt', async () => {
  const executor = await start({ refusesMaxTokens: true }, { maxRetries: 0, concurrency: 1 });
  const requests = [requestOf('long answer', { maxTokens: 2 }), ...requestsOf(9)];
  const { answers, error } = await collect(executor.run(stream(requests), {}));
  expect(error).toBeUndefined();
  expect(answers.filter(({ ok }) => ok)).toHaveLength(10);
  expect(answers).toContainEqual(expect.objectContaining({ text: 'answer t', isComplete: false }));
  expect(server.statistics()).toMatchObject({ requests: 11, answered: 10 });
});

test('a server can be asked for `max_completion_tokens` from the start', async () => {
  const executor = await start({ refusesMaxTokens: true }, { maxTokensField: 'max_completion_tokens' });
  await collect(executor.run(stream(requestsOf(3)), {}));
  expect(server.statistics()).toMatchObject({ requests: 3, answered: 3 });
});

test.each([
  [401, {}, 'unauthorized'],
  [403, {}, 'unauthorized'],
  [404, {}, 'not-found'],
  [429, { code: 'insufficient_quota' }, 'quota-spent'],
] as const)('status %i %o stops the run without a word of key or question', async (status, fields, stop) => {
  const fetch = async (): Promise<Response> => Response.json({ error: { message: `${key} ${secret}`, ...fields } }, { status, headers: { 'x-key': key } });
  const executor = createOnlineExecutor({ baseUrl: 'http://127.0.0.1:1/v1', apiKey: key, fetch });
  const { answers, error } = await collect(executor.run(stream([requestOf(secret)]), {}));
  expect(answers).toEqual([]);
  expect(AlignSquadError.isInstance(error) && error.code).toBe('generator-failed');
  expect(executorStopOf(error)).toBe(stop);
  expect(visibleText(error)).not.toMatch(/sk-very|private/);
});

test('a wrong key stops at once, also with requests in progress and OPENAI_LOG set', async () => {
  vi.stubEnv('OPENAI_LOG', 'debug');
  const executor = await start({ apiKey: 'another' }, { concurrency: 4 });
  const { error } = await collect(executor.run(stream(requestsOf(100)), {}));
  vi.unstubAllEnvs();
  expect(executorStopOf(error)).toBe('unauthorized');
  expect(visibleText(error)).not.toContain(key);
  expect(server.statistics().requests).toBeLessThanOrEqual(4);
});

test('a server that is not there stops the run instead of failing requests', async () => {
  const gone = await start();
  await server.close();
  const { answers, error } = await collect(gone.run(stream(requestsOf(3)), {}));
  expect(answers).toEqual([]);
  expect(executorStopOf(error)).toBe('unreachable');
});

test('faulty options are named without their values', () => {
  expect(() => createOnlineExecutor({ baseUrl: 'http://127.0.0.1:1/v1', apiKey: key, concurrency: 0 })).toThrow(/`concurrency` must be at least 1/);
  expect(() => createOnlineExecutor({ baseUrl: key })).toThrow(/^(?!.*sk-very)/);
});

test('waits double, have jitter and end at a minute', () => {
  expect([0, 0.5, 0.999].map((value) => createBackoff(100, () => value)(1))).toEqual([50, 100, 149.9]);
  expect(createBackoff(100, () => 0.5)(4)).toBe(800);
  expect(createBackoff(100, () => 0.5)(20)).toBe(60_000);
});
