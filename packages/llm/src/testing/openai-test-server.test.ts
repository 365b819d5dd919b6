import { OpenAI } from 'openai';
import { afterEach, expect, test } from 'vitest';
import type { ChatRequestBody } from './chat-answer.js';
import { createFaultPlan, type Fault } from './fault-plan.js';
import { startOpenaiTestServer, type OpenaiTestServer, type OpenaiTestServerOptions } from './openai-test-server.js';

let server: OpenaiTestServer;

afterEach(() => server.close());

async function start(options: Partial<OpenaiTestServerOptions> = {}): Promise<OpenAI> {
  server = await startOpenaiTestServer({ answer: (body) => `You said ${JSON.stringify(body.messages.at(-1)?.content)}.`, ...options });
  return new OpenAI({ baseURL: server.baseUrl, apiKey: 'key', maxRetries: 0, logLevel: 'off' });
}

const ask = (content = 'hello') => ({ model: 'm', messages: [{ role: 'user' as const, content }] });
const always = (fault: Fault) => ({ faultOf: () => fault });
const post = (body: ChatRequestBody, signal?: AbortSignal): Promise<Response> =>
  fetch(`${server.baseUrl}/chat/completions`, { method: 'POST', headers: { authorization: 'Bearer key' }, body: JSON.stringify(body), ...(signal && { signal }) });

test('a completion is the answer of the test, with usage', async () => {
  const client = await start();
  const { choices, usage } = await client.chat.completions.create(ask());
  expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'You said "hello".' } });
  // The messages are 35 characters as JSON, the answer 17.
  expect(usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 5 });
});

test('a completion is cut off at max_tokens', async () => {
  const client = await start();
  const { choices } = await client.chat.completions.create({ ...ask(), max_tokens: 2 });
  expect(choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'You said' } });
});

test('a stream gives the same text as a whole completion', async () => {
  const client = await start();
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...ask(), stream: true })) text += chunk.choices[0]?.delta.content ?? '';
  expect(text).toBe('You said "hello".');
});

test('a text is cut off at a stop text, whole and streamed, chat and text', async () => {
  const client = await start({ answer: () => 'One. Two. Three.' });
  const stop = ['Four', ' Two'];
  expect((await client.chat.completions.create({ ...ask(), stop })).choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'One.' } });
  expect((await client.completions.create({ model: 'm', prompt: 'Count.', stop })).choices[0]).toMatchObject({ finish_reason: 'stop', text: 'One.' });
  let text = '';
  for await (const chunk of await client.completions.create({ model: 'm', prompt: 'Count.', stop, stream: true })) text += chunk.choices[0]?.text ?? '';
  expect(text).toBe('One.');
});

test('a text completion answers its prompt, with candidates and usage', async () => {
  const places = [[{ token: 'You', logprob: -0.1 }, { token: 'I', logprob: -3 }]];
  const client = await start({ candidates: () => places });
  const { choices, usage } = await client.completions.create({ model: 'm', prompt: 'hello', logprobs: 2 });
  expect(choices[0]).toMatchObject({ text: 'You said "hello".', logprobs: { tokens: ['You'], top_logprobs: [{ You: -0.1, I: -3 }] } });
  expect(usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 5 });
});

test('a stream tells candidates in chunks, all of them in the end', async () => {
  const places = Array.from({ length: 5 }, (_, place) => [{ token: String(place), logprob: -place }]);
  const client = await start({ answer: () => 'x'.repeat(40), candidates: () => places });
  const told: number[][] = [];
  for await (const chunk of await client.chat.completions.create({ ...ask(), logprobs: true, stream: true })) {
    const content = chunk.choices[0]?.logprobs?.content;
    if (content) told.push(content.map(({ token }) => Number(token)));
  }
  expect(told).toEqual([[0], [1], [2, 3, 4]]);
});

test('a decision has an answer to each question that is decided', async () => {
  const client = await start({ decide: () => ({ kind: { good: 0.2, bad: 0.8 }, isLong: { true: 0.3 }, harm: 'refused' }) });
  const questions = ['kind', 'isLong', 'harm', 'unknown'].map((name) => ({ type: name === 'isLong' ? 'predicate' : 'choice', name, instructions: name }));
  expect(await client.post('/decisions', { body: { model: 'm', input: 'hello', questions } })).toMatchObject({
    answers: [
      { type: 'choice', name: 'kind', choice: 'bad', confidence: 0.8, probabilities: [{ value: 'good', probability: 0.2 }, { value: 'bad', probability: 0.8 }] },
      { type: 'predicate', name: 'isLong', probability: 0.3 },
      { type: 'refusal', name: 'harm' },
    ],
  });
});

test('a server without decisions has no such route', async () => {
  const client = await start();
  await expect(client.post('/decisions', { body: {} })).rejects.toMatchObject({ status: 404 });
});

test('a wrong key gets a 401', async () => {
  const client = await start({ apiKey: 'another' });
  await expect(client.chat.completions.create(ask())).rejects.toMatchObject({ status: 401 });
  await expect(client.batches.retrieve('batch-1')).rejects.toMatchObject({ status: 401 });
});

test('requests beyond the most concurrent ones get a 429 with retry-after', async () => {
  await start({ maxConcurrent: 2, latencyMs: 50, retryAfterMs: 70 });
  const replies = await Promise.all(['a', 'b', 'c', 'd'].map((text) => post(ask(text))));
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429]);
  const refused = replies.find(({ status }) => status === 429);
  expect(refused?.headers.get('retry-after')).toBe('1');
  expect(refused?.headers.get('retry-after-ms')).toBe('70');
  expect(refused?.headers.get('x-ratelimit-remaining-requests')).toBe('0');
  expect(server.statistics()).toMatchObject({ requests: 4, answered: 2, rejected: 2, peakConcurrency: 2 });
});

test('requests beyond the rate of a window get a 429 until it is over', async () => {
  await start({ rateLimit: { requests: 1, windowMs: 60_000 } });
  const first = await post(ask());
  const second = await post(ask());
  expect([first.status, first.headers.get('x-ratelimit-remaining-requests'), second.status]).toEqual([200, '0', 429]);
  expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(50);
});

test.each([
  ['rate-limit', 429],
  ['server-error', 500],
  ['unauthorized', 401],
] as const)('the fault %s is a %i', async (fault, status) => {
  await start({ faults: always(fault) });
  expect((await post(ask())).status).toBe(status);
  expect(server.statistics()).toMatchObject({ answered: 0, faults: { [fault]: 1 } });
});

test('the fault truncated is half of an answer', async () => {
  await start({ faults: always('truncated') });
  await expect((await post(ask())).json()).rejects.toBeInstanceOf(SyntaxError);
  expect(server.statistics().answered).toBe(0);
});

test('the fault reset is a broken connection', async () => {
  await start({ faults: always('reset') });
  await expect(post(ask())).rejects.toBeInstanceOf(TypeError);
});

test.each(['dropped', 'stalled'] as const)('the fault %s is half of an answer and no end', async (fault) => {
  await start({ faults: always(fault) });
  const reply = await post({ ...ask(), stream: true }, AbortSignal.timeout(500));
  let text = '';
  const reading = (async () => {
    for await (const bytes of reply.body ?? []) text += new TextDecoder().decode(bytes);
  })();
  await expect(reading).rejects.toMatchObject({ name: fault === 'stalled' ? 'TimeoutError' : 'TypeError' });
  expect(text).toContain('data: ');
  expect(text).not.toContain('[DONE]');
  await expect.poll(() => server.statistics()).toMatchObject({ active: 0, answered: 0, faults: { [fault]: 1 } });
});

test('the fault slow is an answer that a client can leave, which is not counted then', async () => {
  await start({ faults: always('slow'), slowMs: 10_000 });
  const reply = await post(ask(), AbortSignal.timeout(100));
  expect(reply.status).toBe(200);
  await expect(reply.text()).rejects.toThrow();
  await expect.poll(() => server.statistics()).toMatchObject({ requests: 1, answered: 0 });
});

test('a fault plan repeats and ends', () => {
  const plan = createFaultPlan({ seed: 1, rates: { reset: 0.3, 'server-error': 0.3 } });
  const faults = Array.from({ length: 1000 }, (_, body) => plan.faultOf(String(body), 0));
  expect(faults).toEqual(Array.from({ length: 1000 }, (_, body) => plan.faultOf(String(body), 0)));
  expect(faults.filter((fault) => fault === 'reset').length / 1000).toBeCloseTo(0.3, 1);
  expect(faults.filter((fault) => fault === undefined).length / 1000).toBeCloseTo(0.4, 1);
  expect(plan.faultOf('1', 2)).toBeUndefined();
});

test('gathered requests are answered when the number is full, or nothing more comes', async () => {
  await start({ gatherRequests: 3 });
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => post(ask(text))));
  expect(server.statistics()).toMatchObject({ answered: 5, bodies: 5, mostAnswersOfABody: 1 });
  // Three of them at three, the last two without company.
  expect(server.statistics().meanConcurrencyAtAnswer).toBeCloseTo((3 + 3 + 3 + 2 + 1) / 5);
});

test('a batch is worked on, and its lines come back under their ids', async () => {
  const client = await start({ batchFault: (body) => (body.messages[0]?.content === 'bad' ? 'server-error' : undefined) });
  const lines = ['good', 'bad'].map((text) => JSON.stringify({ custom_id: text, method: 'POST', url: '/v1/chat/completions', body: ask(text) }));
  const file = await client.files.create({ purpose: 'batch', file: new File([lines.join('\n')], 'requests.jsonl') });
  const { id } = await client.batches.create({ input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' });
  expect((await client.batches.retrieve(id)).status).toBe('in_progress');
  const done = await client.batches.retrieve(id);
  expect(done.status).toBe('completed');
  const read = async (name: string | undefined): Promise<unknown> => JSON.parse(await (await client.files.content(name ?? '')).text());
  expect(await read(done.output_file_id)).toMatchObject({ custom_id: 'good', response: { status_code: 200, body: { object: 'chat.completion' } } });
  expect(await read(done.error_file_id)).toMatchObject({ custom_id: 'bad', response: { status_code: 500 } });
  expect(server.timesAnswered(ask('good'))).toBe(1);
});
