import { AlignSquadError } from '@align-squad/core';
import { expect, test } from 'vitest';
import { keyPath } from './answer-field.js';
import { alignAnswers } from './hono.js';
import type { HttpOptions } from './options.js';
import { promptOf } from './prompt-of.js';

test.each([
  [{ answer: '' }],
  [{ answer: { get: 'x' } }],
  [{ prompt: 'text' }],
  [{ context: 3 }],
  [{ event: { fields: 'x' } }],
  [{ event: { pass: 'ping' } }],
  [{ report: 'yes' }],
  [{ onMissing: 'drop' }],
  [{ onFailure: true }],
  [{ squad: 1 }],
])('%j is refused at once', (options) => {
  // as a caller without types might
  expect(() => alignAnswers(['ethical'], options as unknown as HttpOptions)).toThrow(AlignSquadError);
});

test.each<[unknown, string | undefined]>([
  [{ question: 'a', prompt: 'b' }, 'a'],
  [{ prompt: 'b' }, 'b'],
  [{ message: 'c' }, 'c'],
  [{ messages: [{ role: 'user', content: 'old' }, { role: 'user', content: 'new' }, { role: 'assistant', content: 'x' }] }, 'new'],
  [{ messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image' }, { type: 'text', text: 'b' }] }] }, 'a\nb'],
  [{ messages: [{ role: 'user', parts: [{ type: 'text', text: 'a' }] }] }, 'a'],
  [{ messages: [{ role: 'assistant', content: 'x' }] }, undefined],
  [{ messages: 'x', question: 3 }, undefined],
  ['text', undefined],
  [undefined, undefined],
])('the prompt of %j is %j', (body, expected) => {
  expect(promptOf({ body })).toBe(expected);
});

test('a key path reads own values only', () => {
  expect(keyPath('a.0.b').get({ a: [{ b: 'x' }] })).toBe('x');
  expect(keyPath('constructor.name').get({})).toBeUndefined();
  expect(keyPath('a.length').get({ a: 'x' })).toBeUndefined();
  expect(keyPath('a.b').set({ c: 1 }, 'x')).toEqual({ c: 1 });
});
