import { expect, test } from 'vitest';
import type { AttemptOutcome } from './attempt.js';
import { createBudgetAccount } from './budget.js';
import { ExecutorStopError } from './executor-stop.js';
import { RequestPump, type RequestPumpOptions } from './request-pump.js';
import type { DatagenRequest } from './request.js';
import { collect, requestsOf, stream } from './test-support.js';

const answered = ({ id }: DatagenRequest, waitMs = 0): AttemptOutcome => ({
  kind: 'answered',
  answer: { id, ok: true, text: 'yes', isComplete: true, usage: { input: 1, output: 1 } },
  usage: { input: 1, output: 1 },
  waitMs,
});

function pumpOf(count: number, options: Partial<RequestPumpOptions>): RequestPump {
  return new RequestPump(stream(requestsOf(count)), {
    attempt: async (request) => answered(request),
    account: createBudgetAccount({}),
    concurrency: 2,
    maxRetries: 2,
    backoffMs: () => 1,
    ...options,
  });
}

test('it goes on after a wait that ends while it looks at the clock', async () => {
  let time = 0;
  const pump = pumpOf(20, { attempt: async (request) => answered(request, 1), now: () => (time += 1) });
  expect((await collect(pump.answers())).answers).toHaveLength(20);
});

test('a request that waits for another attempt takes no place', async () => {
  const order: string[] = [];
  const [first, second] = requestsOf(2).map(({ id }) => id);
  const pump = pumpOf(2, {
    concurrency: 1,
    backoffMs: () => 20,
    attempt: async (request) => {
      order.push(request.id);
      return order.length === 1 ? { kind: 'retry', reason: 'http-500', isUnanswered: false } : answered(request);
    },
  });
  await collect(pump.answers());
  expect(order).toEqual([first, first, second]);
  order.length = 0;
  const wide = pumpOf(2, {
    backoffMs: () => 20,
    attempt: async (request) => {
      order.push(request.id);
      return order.length === 1 ? { kind: 'retry', reason: 'http-500', isUnanswered: false } : answered(request);
    },
  });
  await collect(wide.answers());
  expect(order).toEqual([first, second, first]);
});

test('what is in progress when the account at the server is empty is still given out', async () => {
  const stop = new ExecutorStopError('empty', { stop: 'quota-spent' });
  let calls = 0;
  const pump = pumpOf(10, {
    attempt: async (request) => {
      if (++calls > 1) return { kind: 'stop', error: stop };
      await new Promise((resolve) => setTimeout(resolve, 20));
      return answered(request);
    },
  });
  const { answers, error } = await collect(pump.answers());
  expect([answers.length, error, calls]).toEqual([1, stop, 2]);
});

test('a budget that is held by what is in progress is waited for', async () => {
  // Each request holds 64 + 16 + 10 + 64 tokens and costs 2.
  const pump = pumpOf(10, { account: createBudgetAccount({ tokens: 180 }), concurrency: 10 });
  const { answers, error } = await collect(pump.answers());
  expect([answers.length, error]).toEqual([10, undefined]);
});
