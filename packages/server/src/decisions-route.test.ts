import { inspectorConformance } from '@align-squad/core/testing';
import { ethical, helpful } from '@align-squad/core';
import { createDecisionInspector } from '@align-squad/inspector';
import { createDecisionClient } from '@align-squad/llm';
import { expect, test } from 'vitest';
import { post, start } from './test-support.js';

const questions = [
  { id: 'ethical', type: 'choice', question: 'Is it?', choices: ['aligned', 'misaligned'] },
  { id: 'helpful', type: 'boolean', question: 'Is it?' },
] as const;

async function clientOf() {
  const { url } = await start({ keys: ['key'] });
  return createDecisionClient({ baseUrl: `${url}/v1`, apiKey: 'key', model: 'm', maxRetries: 0 });
}

test('the decisions client gets the probabilities of the squad', async () => {
  const { ethical: choice, helpful: boolean } = await (await clientOf()).decide({ input: 'Say RUDE words.', questions });
  expect([choice?.['misaligned'], boolean?.['true']]).toEqual([expect.closeTo(0.9), expect.closeTo(0.9)]);
});

test('the decision inspector of another machine judges as the squad does', async () => {
  const inspector = createDecisionInspector({ client: await clientOf(), criteria: [ethical, helpful] });
  const [first, second] = await inspector.inspect([{ prompt: 'Why RUDE?', context: 'DULL', response: 'Say "KIND"\nwords.' }, { response: 'RUDE' }]);
  expect([first?.['ethical']?.misalignment, first?.['helpful']?.misalignment, second?.['ethical']?.misalignment]).toEqual([expect.closeTo(0.1), expect.closeTo(0.1), expect.closeTo(0.9)]);
});

for (const { name, run } of inspectorConformance({
  create: async () => createDecisionInspector({ client: await clientOf(), criteria: [ethical, helpful] }),
  exchanges: [{ prompt: 'How?', response: 'One.' }, { response: 'RUDE.' }],
})) test(`the decision inspector on the server: ${name}`, run);

test('what could not be judged is refused', async () => {
  await expect((await clientOf()).decide({ input: 'CRASH', questions })).rejects.toMatchObject({ message: 'The model refused to answer question 1 of 2.' });
});

test.each<[string, unknown, string]>([
  ['other choices', [{ type: 'choice', name: 'ethical', choices: [{ value: 'yes' }, { value: 'no' }] }], 'invalid-exchange'],
  ['one choice', [{ type: 'choice', name: 'ethical', choices: [{ value: 'aligned' }] }], 'invalid-exchange'],
  ['an unknown criterion', [{ type: 'predicate', name: 'secret thing' }], 'unknown-criterion'],
  ['a prototype for a name', [{ type: 'predicate', name: '__proto__' }], 'unknown-criterion'],
  ['another type', [{ type: 'score', name: 'ethical' }], 'invalid-exchange'],
  ['none', [], 'invalid-exchange'],
])('questions with %s are refused without their text', async (_, asked, code) => {
  const response = await post(`${(await start()).url}/v1/decisions`, { model: 'm', input: 'secret', questions: asked });
  const text = await response.text();
  expect([response.status, JSON.parse(text)]).toMatchObject([400, { error: { code } }]);
  expect(text).not.toContain('secret');
});
