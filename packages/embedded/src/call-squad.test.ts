import { AlignSquadError, type Exchange } from '@align-squad/core';
import { expect, test } from 'vitest';
import { resolveCall, type ResponseOptions } from './call-squad.js';
import { createSquadFrom } from './create-squad.js';
import { doubleModels } from './testing/double-models.js';

const getSquad = () => createSquadFrom({}, async () => doubleModels());
const criterion = {
  schemaVersion: 1,
  id: 'polite',
  title: 'Polite',
  description: 'Says it politely.',
  principles: [{ name: 'polite', text: 'Be polite.' }],
  demonstrations: [],
  questionTypes: [],
  seedQuestions: [],
  filters: [],
  needsContext: false,
  threshold: 0.5,
} as const;

async function resolve(response: string | Exchange, criteria?: readonly (string | typeof criterion)[], options: ResponseOptions = {}) {
  const { exchange, options: resolved } = await resolveCall(getSquad, { response, criteria, options });
  return { exchange, options: resolved };
}

async function failure(promise: Promise<unknown>): Promise<AlignSquadError> {
  const [settled] = await Promise.allSettled([promise]);
  if (settled.status === 'rejected' && AlignSquadError.isInstance(settled.reason)) return settled.reason;
  throw new TypeError('Expected a typed error.');
}

test('a bare response takes prompt and context from the options', async () => {
  const { exchange, options } = await resolve('r', undefined, { prompt: 'p', context: 'c' });
  expect(exchange).toEqual({ prompt: 'p', context: 'c', response: 'r' });
  expect(options).toEqual({});
});

test('an exchange is taken as it is', async () => {
  expect((await resolve({ prompt: 'p', response: 'r' })).exchange).toEqual({ prompt: 'p', response: 'r' });
});

test('names and Criterion values that the squad serves become ids', async () => {
  const { options } = await resolve('r', ['helpful', { ...criterion, id: 'ethical' as 'polite' }]);
  expect(options.criteria).toEqual(['helpful', 'ethical']);
});

test('a criterion that the squad lacks is refused and the message says what to do', async () => {
  const error = await failure(resolve('r', [criterion]));
  expect(error.code).toBe('unknown-criterion');
  expect(error.message).toMatch(/`polite`.*train a pack.*createSquad an inspector/);
});

test('a name that is no id is not repeated', async () => {
  const error = await failure(resolve('r', ['a secret text']));
  expect(error.code).toBe('unknown-criterion');
  expect(error.message).not.toContain('secret');
});

test.each<[string, string, () => Promise<unknown>]>([
  ['a prompt given twice', 'invalid-options', () => resolve({ response: 'r' }, undefined, { prompt: 'p' })],
  ['no criteria at all', 'invalid-options', () => resolve('r', [])],
  ['criteria that are no list', 'invalid-options', () => resolve('r', 'ethical' as unknown as string[])],
  ['a broken Criterion value', 'invalid-criterion', () => resolve('r', [{ ...criterion, title: '' as 'Polite' }])],
  ['a criterion that is a number', 'invalid-criterion', () => resolve('r', [3 as unknown as string])],
  ['options that are null', 'invalid-options', () => resolve('r', undefined, null as unknown as ResponseOptions)],
  ['a response that is a number', 'invalid-exchange', () => resolve(3 as unknown as string)],
  ['a response that is null', 'invalid-exchange', () => resolve(null as unknown as string)],
])('%s is refused', async (_name, code, call) => {
  expect((await failure(call())).code).toBe(code);
});

test('a bad exchange is refused before anything is loaded', async () => {
  let loads = 0;
  const get = () => {
    loads += 1;
    return getSquad();
  };
  const call = { response: { text: 'r' } as unknown as Exchange, criteria: undefined, options: {} };
  expect((await failure(resolveCall(get, call))).code).toBe('invalid-exchange');
  expect(loads).toBe(0);
});

test('an abort while the squad loads rejects with the reason of the signal', async () => {
  const controller = new AbortController();
  const never = () => new Promise<never>(() => undefined);
  const call = resolveCall(never, { response: 'r', criteria: undefined, options: { signal: controller.signal } });
  controller.abort('enough');
  await expect(call).rejects.toBe('enough');
});
