import { expect, test } from 'vitest';
import { createRequest, type DatagenAnswer } from '../executors/request.js';
import type { PlannedRequest } from '../stages/stage.js';
import type { AskedStage } from './ask-stage.js';
import type { Journal } from './journal.js';
import { watchCosts } from './stage-costs.js';

const requestOf = (model: string, text: string) => createRequest('s', { model, messages: [{ role: 'user', content: text }], maxTokens: 9, temperature: 0, seed: 1 });
const requests = [requestOf('big', 'a'), requestOf('small', 'b'), requestOf('big', 'c')];
const answerTo = (index: number): DatagenAnswer => ({ id: requests[index]?.id ?? '', ok: true, text: 't', isComplete: true, usage: { input: 1000 * 10 ** index, output: 1 } });
const stage: AskedStage<undefined, string> = { name: 's', requests: 3, plan: () => requests.map((request) => ({ request, source: undefined })), read: () => [] };

/** Answers in memory. */
function memoryJournal(...answers: readonly DatagenAnswer[]): Journal {
  const kept = new Map(answers.map((answer) => [answer.id, answer]));
  return {
    get size() {
      return kept.size;
    },
    damaged: 0,
    has: (id) => kept.has(id),
    read: async (id) => kept.get(id),
    append: async (answer) => void kept.set(answer.id, answer),
    close: async () => undefined,
  };
}

async function planOf<Source>(watched: AskedStage<Source, string>): Promise<PlannedRequest<Source>[]> {
  const planned: PlannedRequest<Source>[] = [];
  for await (const one of watched.plan()) planned.push(one);
  return planned;
}

test('answers that were kept and new ones cost what their own model does, each once', async () => {
  const { stage: watched, journal, cost } = watchCosts(stage, memoryJournal(answerTo(0)), { big: { input: 2, output: 10 }, small: { input: 1, output: 0 } });
  for (const { request } of await planOf(watched)) await journal.read(request.id);
  expect(cost()).toBeCloseTo((1000 * 2 + 10) / 1e6, 12);
  await journal.append(answerTo(1));
  await journal.append(answerTo(2));
  await journal.read(answerTo(2).id);
  expect(cost()).toBeCloseTo((101_000 * 2 + 20 + 10_000) / 1e6, 12);
});

test('the order of answers changes no bit of the sum', async () => {
  const prices = { big: { input: 0.1, output: 0.3 }, small: { input: 0.7, output: 0.9 } };
  const sums = await Promise.all(
    [[0, 1, 2], [2, 1, 0], [1, 2, 0]].map(async (order) => {
      const { stage: watched, journal, cost } = watchCosts(stage, memoryJournal(), prices);
      await planOf(watched);
      for (const index of order) await journal.append(answerTo(index));
      return cost();
    }),
  );
  expect(new Set(sums).size).toBe(1);
});

test('failed answers cost nothing', async () => {
  const { stage: watched, journal, cost } = watchCosts(stage, memoryJournal(), { big: { input: 2, output: 10 }, small: { input: 2, output: 2 } });
  await planOf(watched);
  await journal.append({ id: answerTo(0).id, ok: false, reason: 'http-400' });
  expect(cost()).toBe(0);
});
