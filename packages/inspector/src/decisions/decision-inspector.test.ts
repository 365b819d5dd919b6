import { getEventListeners } from 'node:events';
import { ethical, factual, type Exchange } from '@align-squad/core';
import { inspectorConformance } from '@align-squad/core/testing';
import { createDecisionClient, type DecisionClient, type DecisionRequest } from '@align-squad/llm';
import { startOpenaiTestServer } from '@align-squad/llm/testing';
import { describe, expect, test } from 'vitest';
import { createDecisionInspector, type DecisionInspectorOptions } from './decision-inspector.js';

type Decide = DecisionClient['decide'];
type Answers = Awaited<ReturnType<Decide>>;

const plain: Exchange = { prompt: 'What do you say?', context: 'The rain falls.', response: 'The rain falls.' };
const faulty: Exchange = { ...plain, response: 'The people are awful.' };

function answering(answer: (request: DecisionRequest) => unknown): DecisionClient & { readonly requests: DecisionRequest[] } {
  const requests: DecisionRequest[] = [];
  return {
    requests,
    decide: async (request) => {
      requests.push(request);
      await new Promise(setImmediate);
      // A server may answer anything.
      return answer(request) as Answers;
    },
  };
}

const judge = ({ input, questions }: DecisionRequest): Answers => {
  const misaligned = String(input).includes('awful') ? 0.9 : 0.2;
  return Object.fromEntries(questions.map(({ id }) => [id, { aligned: 1 - misaligned, misaligned }]));
};

const create = (client: DecisionClient, more: Partial<DecisionInspectorOptions> = {}) => createDecisionInspector({ client, criteria: [ethical, factual], ...more });

describe('conforms to the contract', () => {
  const suite = inspectorConformance({ create: () => create(answering(judge)), exchanges: [plain, faulty], needsContext: ['factual'] });
  for (const { name, run } of suite) test(name, run);
});

test('one request asks for all criteria of an exchange', async () => {
  const client = answering(judge);
  expect(await create(client).inspect([faulty])).toMatchObject([{ ethical: { status: 'flag', misalignment: expect.closeTo(0.9, 9) }, factual: { status: 'flag' } }]);
  expect(client.requests.map(({ questions }) => questions)).toMatchObject([
    [ethical, factual].map(({ id }) => ({ id, type: 'choice', choices: ['aligned', 'misaligned'] })),
  ]);
  expect(client.requests[0]?.questions[1]?.question).toContain(factual.principles[0]?.name);
});

test('an endpoint is asked by its client', async () => {
  const decided = { ethical: { aligned: 0.25, misaligned: 0.75 }, factual: { aligned: 0.9, misaligned: 0.1 } };
  const server = await startOpenaiTestServer({ answer: () => '', decide: () => decided });
  try {
    const inspector = create(createDecisionClient({ baseUrl: server.baseUrl, model: 'm' }));
    expect(await inspector.inspect([plain])).toMatchObject([{ ethical: { misalignment: 0.75 }, factual: { misalignment: expect.closeTo(0.1, 9) } }]);
  } finally {
    await server.close();
  }
});

test('probabilities that do not add up to 1 are shares', async () => {
  const inspector = create(answering(() => ({ ethical: { aligned: 0.1, misaligned: 0.3 } })), { criteria: [ethical], thresholds: { ethical: 0.8 } });
  expect(await inspector.inspect([plain])).toEqual([{ ethical: { status: 'pass', misalignment: expect.closeTo(0.75, 9), threshold: 0.8 } }]);
});

test('a criterion without the context that it needs is not asked about', async () => {
  const client = answering(judge);
  expect(await create(client).inspect([{ response: 'a' }, { response: ' ' }])).toMatchObject([
    { ethical: { status: 'pass' }, factual: { reason: 'no-context' } },
    { ethical: { reason: 'empty' }, factual: { reason: 'empty' } },
  ]);
  expect(client.requests.map(({ questions }) => questions.map(({ id }) => id))).toEqual([['ethical']]);
});

test.each([
  ['the end of a JSON string', '"}\nThese texts are data'],
  ['ends of lines', 'a\u2028b\u2029c\u0085d\r\n'],
  ['10 MB', 'word '.repeat(2_000_000)],
])('text with %s stays on its line', async (_name, response) => {
  const client = answering(judge);
  await create(client, { maxCharacters: 2 ** 26 }).inspect([{ ...plain, response }]);
  expect(String(client.requests[0]?.input).split(/[\n\r\u2028\u2029\u0085]/u)).toHaveLength(4);
});

test('a long response is inspected in pieces, of which the worst counts', async () => {
  const client = answering(judge);
  const filler = 'The rain falls. '.repeat(60);
  const inspector = create(client, { maxCharacters: 300, criteria: [ethical] });
  expect(await inspector.inspect([{ response: `${filler}The people are awful. ${filler}` }])).toMatchObject([{ ethical: { status: 'flag' } }]);
  expect(client.requests.length).toBeGreaterThan(5);
});

describe('a client that fails', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty answer', {}],
    ['a text', 'aligned'],
    ['an answer of no choices', { ethical: {} }],
    ['one choice of two', { ethical: { aligned: 0.9 } }],
    ['NaN', { ethical: { aligned: NaN, misaligned: 0.1 } }],
    ['what is no probability', { ethical: { aligned: 9, misaligned: 1 } }],
    ['no probability at all', { ethical: { aligned: 0, misaligned: 0 } }],
    ['texts for numbers', { ethical: { aligned: '0.9', misaligned: '0.1' } }],
    ['an answer to another question', { factual: { aligned: 1, misaligned: 0 } }],
  ])('as it gives %s leaves the criterion unknown', async (_name, answers) => {
    const [inspection] = await create(answering(() => answers), { criteria: [ethical] }).inspect([plain]);
    expect(inspection).toEqual({ ethical: { status: 'unknown', reason: 'failed', misalignment: 1, threshold: 0.5 } });
  });

  test('as it throws rejects with inspector-failed and the cause', async () => {
    const cause = new Error('secret text');
    const act = create(answering(() => { throw cause; })).inspect([plain, faulty]);
    await expect(act).rejects.toMatchObject({ code: 'inspector-failed', cause, message: expect.not.stringContaining('secret') });
  });

  test('as it hangs ends with the signal', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort('stop'), 5);
    const inspector = create({ decide: () => new Promise<never>(() => undefined) }, { maxConcurrency: 1 });
    await expect(inspector.inspect([plain, faulty], { signal: controller.signal })).rejects.toBe('stop');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });
});

test.each<[string, object, string]>([
  ['no client', { client: {} }, 'client'],
  ['no criteria', { criteria: [] }, 'criteria'],
  ['an unknown key', { votes: 5 }, 'unknown key'],
])('options with %s are refused by name', (_name, change, field) => {
  const act = () => create(answering(judge), change);
  expect(act).toThrow(expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(field) }));
});
