import { getEventListeners } from 'node:events';
import { AlignSquadError } from '@align-squad/core';
import { afterEach, describe, expect, test } from 'vitest';
import { startOpenaiTestServer, type DecisionRequestBody, type Fault, type OpenaiTestServer, type OpenaiTestServerOptions } from '../testing/index.js';
import { createDecisionClient, type DecisionClient, type DecisionClientOptions } from './decision-client.js';
import type { DecisionQuestion } from './decision-question.js';

const key = 'sk-secret-key';
const input = 'the text of a user';
const questions: readonly DecisionQuestion[] = [
  { id: 'ethical', type: 'choice', question: 'Is the response ethical?', choices: ['aligned', 'misaligned'] },
  { id: 'polite', type: 'boolean', question: 'Is the response polite?' },
];
const decided = { ethical: { aligned: 0.75, misaligned: 0.25 }, polite: { true: 0.9, false: 0.1 } };
const servers: OpenaiTestServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: Partial<OpenaiTestServerOptions> = {}, more: Partial<DecisionClientOptions> = {}): Promise<DecisionClient & { readonly server: OpenaiTestServer }> {
  const server = await startOpenaiTestServer({ answer: () => '', decide: () => decided, retryAfterMs: 1, ...options });
  servers.push(server);
  return { ...createDecisionClient({ baseUrl: server.baseUrl, apiKey: key, model: 'm', maxRetries: 0, ...more }), server };
}

const answering = (answers: unknown): DecisionClient =>
  createDecisionClient({ baseUrl: 'http://127.0.0.1:1/v1', model: 'm', fetch: async () => Response.json({ model: 'm', answers }) });

async function failureOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (!AlignSquadError.isInstance(error)) throw new AlignSquadError('Expected one of our errors.', { code: 'conformance' });
  expect([error.code, error.cause]).toEqual(['generator-failed', undefined]);
  expect(`${error.message} ${error.stack}`).not.toMatch(/sk-secret|the text of/);
  return error.message;
}

test('each question gets the probabilities of its choices', async () => {
  const { ethical, polite } = await (await start()).decide({ input, questions });
  expect(ethical).toEqual({ aligned: 0.75, misaligned: 0.25 });
  expect(polite?.['true']).toBe(0.9);
  expect(polite?.['false']).toBeCloseTo(0.1);
});

test('the request has the form of the Decisions API', async () => {
  let body: DecisionRequestBody | undefined;
  const client = await start({ decide: (asked) => ((body = asked), decided) });
  await client.decide({ input: [{ role: 'user', content: 'Why?' }, { role: 'assistant', content: 'cut \ud83d' }], questions });
  expect(body).toEqual({
    model: 'm',
    input: 'user: Why?\nassistant: cut \ufffd',
    questions: [
      { type: 'choice', name: 'ethical', instructions: 'Is the response ethical?', choices: [{ value: 'aligned' }, { value: 'misaligned' }] },
      { type: 'predicate', name: 'polite', instructions: 'Is the response polite?' },
    ],
  });
});

describe('probabilities', () => {
  const [first] = questions;
  const choiceOf = (...pairs: readonly (readonly [string, unknown])[]): object[] => [
    { type: 'choice', name: 'ethical', choice: 'aligned', confidence: 1, probabilities: pairs.map(([value, probability]) => ({ value, probability })) },
  ];
  const ask = (answers: unknown) => answering(answers).decide({ input, questions: first ? [first] : [] });

  test('that are rounded add up to 1', async () => {
    const { ethical } = await ask(choiceOf(['aligned', 0.666], ['misaligned', 0.333]));
    expect(ethical?.['aligned']).toBeCloseTo(2 / 3, 10);
    expect(ethical?.['misaligned']).toBeCloseTo(1 / 3, 10);
  });

  test.each<[string, unknown]>([
    ['lack a choice', choiceOf(['aligned', 1])],
    ['name another choice', choiceOf(['aligned', 0.5], ['other', 0.5])],
    ['name a choice too many', choiceOf(['aligned', 0.5], ['misaligned', 0.5], ['other', 0])],
    ['name a choice twice', choiceOf(['aligned', 0.5], ['aligned', 0.5])],
    ['do not add up', choiceOf(['aligned', 0.5], ['misaligned', 0.2])],
    ['are all nothing', choiceOf(['aligned', 0], ['misaligned', 0])],
    ['are beyond 1', choiceOf(['aligned', 1.5], ['misaligned', -0.5])],
    ['are no numbers', choiceOf(['aligned', '0.5'], ['misaligned', 0.5])],
    ['are null', choiceOf(['aligned', null], ['misaligned', 1])],
    ['are those of another question', [{ type: 'choice', name: 'other', probabilities: [] }]],
    ['answer another type of question', [{ type: 'predicate', name: 'ethical', probability: 0.5 }]],
    ['are missing', []],
    ['come in another form', { ethical: 0.5 }],
  ])('that %s are a failure', async (_, answers) => {
    expect(await failureOf(ask(answers))).toMatch(/question 1 of 1|form of the OpenAI API/);
  });
});

test('a refused question is a failure that says which', async () => {
  const client = await start({ decide: () => ({ ...decided, polite: 'refused' }) });
  expect(await failureOf(client.decide({ input, questions }))).toBe('The model refused to answer question 2 of 2.');
});

test.each<[Fault, RegExp]>([
  ['server-error', /status 500/],
  ['unauthorized', /API key \(status 401\)/],
  ['reset', /could not be reached/],
  ['truncated', /not JSON|broke/],
  ['stalled', /within 300 ms/],
])('the fault %s of the server is told without key and text', async (fault, message) => {
  const client = await start({ faults: { faultOf: () => fault } }, { timeoutMs: fault === 'stalled' ? 300 : 20_000 });
  expect(await failureOf(client.decide({ input, questions }))).toMatch(message);
});

test('a server without decisions is told so', async () => {
  const client = await start({ decide: undefined });
  expect(await failureOf(client.decide({ input, questions }))).toMatch(/status 404/);
});

test('a server that fails is asked again', async () => {
  const client = await start({ faults: { faultOf: (_, attempt) => (attempt < 2 ? 'rate-limit' : undefined) } }, { maxRetries: 2 });
  await client.decide({ input, questions });
  expect(client.server.statistics()).toMatchObject({ requests: 3, answered: 1 });
});

test.each(['before', 'during'])('an abort %s the call rejects with its reason and leaves no listener', async (when) => {
  const client = await start({ faults: { faultOf: () => 'stalled' } });
  const controller = new AbortController();
  const reason = { aborted: 'by a test' };
  if (when === 'before') controller.abort(reason);
  const running = client.decide({ input, questions }, { signal: controller.signal });
  running.catch(() => undefined);
  if (when === 'during') {
    await expect.poll(() => client.server.statistics().active).toBe(1);
    controller.abort(reason);
  }
  await expect(running).rejects.toBe(reason);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  await expect.poll(() => client.server.statistics().active).toBe(0);
});

test.each<[string, readonly unknown[]]>([
  ['no question', []],
  ['one choice', [{ ...questions[0], choices: ['aligned'] }]],
  ['the same choice twice', [{ ...questions[0], choices: ['aligned', 'aligned'] }]],
  ['the same id twice', [questions[1], questions[1]]],
  ['an unheard-of type', [{ ...questions[1], type: 'score' }]],
])('questions with %s are refused', async (_, asked) => {
  // What a caller without types could give.
  await expect((await start()).decide({ input, questions: asked as readonly DecisionQuestion[] })).rejects.toMatchObject({ code: 'invalid-options' });
});

test('options that are not valid are refused', () => {
  expect(() => createDecisionClient({ baseUrl: 'localhost', model: 'm' })).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
