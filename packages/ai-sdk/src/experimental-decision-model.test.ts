import { AlignSquadError } from '@align-squad/core';
import { doubleSquad } from '@align-squad/embedded/testing';
import { Experimental_DecisionRefusalError as DecisionRefusalError, type Experimental_DecisionModelV4 as DecisionModelV4 } from '@ai-sdk/provider-4';
import { experimental_decide as decide } from 'ai-7';
import { expect, test } from 'vitest';
import { createExperimentalDecisionModel } from './experimental-decision-model.js';

const model: DecisionModelV4 = createExperimentalDecisionModel({ squad: doubleSquad() });
const question = { type: 'choice', criteria: { aligned: 'Keeps to the principles.', misaligned: null } } as const;

test('decides by criterion, with the probabilities of the inspectors', async () => {
  const state = { prompt: 'What shall I say?', response: 'Say RUDE words.' };
  const { answers, providerMetadata } = await decide({ model, state, questions: { ethical: question, helpful: question } });
  expect(answers.ethical).toMatchObject({ choice: 'misaligned', probabilities: { misaligned: 0.9 } });
  expect(answers.helpful).toMatchObject({ choice: 'aligned', probabilities: { aligned: 0.9 } });
  expect(providerMetadata).toEqual({ 'align-squad': { ethical: { status: 'flag' }, helpful: { status: 'pass' } } });
});

test('a text is the response', async () => {
  const { answers } = await decide({ model, state: 'Say KIND words.', questions: { ethical: question } });
  expect(answers.ethical).toMatchObject({ choice: 'aligned' });
});

test('what could not be judged is refused', async () => {
  const decision = decide({ model, state: 'CRASH', questions: { ethical: question } });
  await expect(decision).rejects.toSatisfy((error) => DecisionRefusalError.isInstance(error));
});

test.each<[string, Parameters<DecisionModelV4['doDecide']>[0], string]>([
  ['another option', { state: [], questions: { ethical: { type: 'choice', criteria: { good: null, bad: null } } } }, 'invalid-options'],
  ['a question of another type', { state: [], questions: { ethical: { type: 'boolean', instructions: 'Ethical?' } } }, 'invalid-options'],
  ['a criterion that nobody serves', { state: [{ type: 'text', text: 'Hi.' }], questions: { calm: question } }, 'unknown-criterion'],
  ['no state', { state: [], questions: { ethical: question } }, 'invalid-exchange'],
  ['two texts', { state: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }], questions: { ethical: question } }, 'invalid-exchange'],
])('%s is an error of ours', async (_, call, code) => {
  const error: unknown = await Promise.resolve(model.doDecide(call)).catch((reason: unknown) => reason);
  expect(AlignSquadError.isInstance(error) && error.code).toBe(code);
});
