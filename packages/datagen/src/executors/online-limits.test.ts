import { afterEach, expect, test, vi } from 'vitest';
import { startOpenaiTestServer, type OpenaiTestServer, type OpenaiTestServerOptions } from '@align-squad/llm/testing';
import { executorStopOf } from './executor-stop.js';
import { createOnlineExecutor, type OnlineExecutorOptions } from './online.js';
import type { DatagenAnswer, DatagenRequest } from './request.js';
import { collect, requestOf, requestsOf, stream } from './test-support.js';

let server: OpenaiTestServer;

afterEach(() => server.close());

async function start(options: Partial<OpenaiTestServerOptions> = {}, executor: Partial<OnlineExecutorOptions> = {}) {
  server = await startOpenaiTestServer({ answer: () => 'yes', ...options });
  return createOnlineExecutor({ baseUrl: server.baseUrl, retryDelayMs: 2, ...executor });
}

test('it keeps all the places of the server in use, counted at each answer', async () => {
  const executor = await start({ gatherRequests: 16, maxConcurrent: 16 }, { concurrency: 16 });
  const { answers } = await collect(executor.run(stream(requestsOf(800)), {}));
  const statistics = server.statistics();
  expect(answers).toHaveLength(800);
  expect(statistics).toMatchObject({ requests: 800, rejected: 0, peakConcurrency: 16, mostAnswersOfABody: 1 });
  expect(statistics.meanConcurrencyAtAnswer / 16).toBeGreaterThanOrEqual(0.95);
});

test('it finds the places of a server that allows fewer than it was told', async () => {
  const executor = await start({ maxConcurrent: 16, gatherRequests: 16, latencyMs: 5 }, { concurrency: 64 });
  const { answers } = await collect(executor.run(stream(requestsOf(400)), {}));
  const statistics = server.statistics();
  expect(answers.filter(({ ok }) => ok)).toHaveLength(400);
  expect(statistics).toMatchObject({ answered: 400, peakConcurrency: 16, mostAnswersOfABody: 1 });
  expect(statistics.meanConcurrencyAtAnswer / 16).toBeGreaterThanOrEqual(0.95);
  // The burst at the start, its second half, and now and then one more.
  expect(statistics.rejected).toBeGreaterThan(0);
  expect(statistics.rejected).toBeLessThan(100);
});

test('it waits when the headers say that nothing is left, so that few requests are refused', async () => {
  const executor = await start({ rateLimit: { requests: 20, windowMs: 150 } }, { concurrency: 4 });
  const { answers } = await collect(executor.run(stream(requestsOf(100)), {}));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(100);
  // At most what is on its way when the window closes.
  expect(server.statistics().rejected).toBeLessThanOrEqual(4 * 4);
});

test('it reads no more requests than it can ask', async () => {
  const executor = await start({ latencyMs: 10_000 }, { concurrency: 4 });
  const controller = new AbortController();
  let read = 0;
  const next = executor.run(stream(requestsOf(100), (count) => (read = count)), { signal: controller.signal }).next();
  await expect.poll(() => server.statistics().requests).toBe(4);
  expect(read).toBe(4);
  controller.abort();
  await expect(next).rejects.toThrow();
});

test('a reader that takes no answers slows it down', async () => {
  const executor = await start({}, { concurrency: 4 });
  const run = executor.run(stream(requestsOf(100)), {});
  await run.next();
  await expect.poll(() => server.statistics().answered).toBeGreaterThanOrEqual(5);
  await new Promise((resolve) => setTimeout(resolve, 50));
  // The one taken, four that are ready, and those that were in progress then.
  expect(server.statistics().answered).toBeLessThanOrEqual(1 + 4 + 4);
  await run.return(undefined);
});

test('requests may wait for the answers to earlier ones', async () => {
  const executor = await start({}, { concurrency: 8 });
  const answers: DatagenAnswer[] = [];
  const controller = new AbortController();
  async function* chained(): AsyncGenerator<DatagenRequest> {
    for (let index = 0; index < 5; index++) {
      while (answers.length < index) await new Promise((resolve) => setTimeout(resolve, 1));
      yield requestOf(`step ${index}`);
    }
  }
  for await (const answer of executor.run(chained(), { signal: controller.signal })) answers.push(answer);
  expect(answers).toHaveLength(5);
});

test('an abort ends it within a tick and leaves no listener, timer or request', async () => {
  const executor = await start({ latencyMs: 60_000 }, { concurrency: 8 });
  const controller = new AbortController();
  const remove = vi.spyOn(controller.signal, 'removeEventListener');
  const add = vi.spyOn(controller.signal, 'addEventListener');
  let isSourceClosed = false;
  async function* source(): AsyncGenerator<DatagenRequest> {
    try {
      yield* requestsOf(100);
    } finally {
      isSourceClosed = true;
    }
  }
  const next = executor.run(source(), { signal: controller.signal }).next();
  await expect.poll(() => server.statistics().requests).toBe(8);
  const reason = { why: 'enough' };
  let isSettled = false;
  next.catch(() => undefined).finally(() => (isSettled = true));
  controller.abort(reason);
  await new Promise((resolve) => setImmediate(resolve));
  expect(isSettled).toBe(true);
  await expect(next).rejects.toBe(reason);
  expect(isSourceClosed).toBe(true);
  expect(remove.mock.calls.length).toBe(add.mock.calls.length);
  // The server sees the connections close.
  await expect.poll(() => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThan(8);
  expect(server.statistics().answered).toBe(0);
});

test('an abort also ends a run whose source is stuck', async () => {
  const executor = await start();
  const controller = new AbortController();
  const stuck = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined), return: () => new Promise<never>(() => undefined) }) };
  const next = executor.run(stuck, { signal: controller.signal }).next();
  controller.abort();
  await expect(next).rejects.toBe(controller.signal.reason);
});

test('leaving the loop gives up what is in progress and closes the source', async () => {
  const executor = await start({ latencyMs: (body) => (body.messages[0]?.content === 'question 0' ? 0 : 60_000) }, { concurrency: 4 });
  let isSourceClosed = false;
  async function* source(): AsyncGenerator<DatagenRequest> {
    try {
      yield* requestsOf(100);
    } finally {
      isSourceClosed = true;
    }
  }
  for await (const answer of executor.run(source(), {})) {
    expect(answer.ok).toBe(true);
    break;
  }
  expect(isSourceClosed).toBe(true);
});

test('what the requests throw comes through', async () => {
  const executor = await start();
  const fault = new RangeError('no more');
  async function* source(): AsyncGenerator<DatagenRequest> {
    yield requestOf('one');
    throw fault;
  }
  expect((await collect(executor.run(source(), {}))).error).toBe(fault);
});

test('the token budget is never exceeded, nearly used up, and a hard stop for all runs', async () => {
  const executor = await start({}, { concurrency: 8, budget: { tokens: 3000 } });
  const { answers, error } = await collect(executor.run(stream(requestsOf(1000)), {}));
  const spent = answers.reduce((sum, answer) => sum + (answer.ok ? answer.usage.input + answer.usage.output : 0), 0);
  expect(executorStopOf(error)).toBe('budget-spent');
  expect(spent).toBeLessThanOrEqual(3000);
  // Less is left than one request can cost.
  expect(spent).toBeGreaterThan(3000 - (64 + 16 + 12 + 64));
  expect(server.statistics().requests).toBe(answers.length);
  expect(executorStopOf((await collect(executor.run(stream([requestOf('x', { maxTokens: 3000 })]), {}))).error)).toBe('budget-spent');
  expect(server.statistics().requests).toBe(answers.length);
});

test('the money budget stops too, and needs a price of each model', async () => {
  const executor = await start({}, { budget: { money: 0.01, prices: { m: { input: 10, output: 30 } } } });
  const { answers, error } = await collect(executor.run(stream(requestsOf(1000)), {}));
  const spent = answers.reduce((sum, answer) => sum + (answer.ok ? answer.usage.input * 10 + answer.usage.output * 30 : 0), 0) / 1e6;
  expect(executorStopOf(error)).toBe('budget-spent');
  expect(spent).toBeLessThanOrEqual(0.01);
  expect(spent).toBeGreaterThan(0.005);
  expect((await collect(executor.run(stream([requestOf('x', { model: 'other' })]), {}))).error).toMatchObject({ code: 'invalid-options' });
});
