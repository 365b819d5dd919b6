import { expect, test } from 'vitest';
import { z } from 'zod';
import { AlignSquadError } from './errors.js';
import { parseWith } from './parse.js';

const schema = z.strictObject({
  name: z.string().min(2).max(4).optional(),
  size: z.number().min(1).max(9).optional(),
  items: z.array(z.string()).max(1).optional(),
  mode: z.enum(['fast', 'exact']).optional(),
  weights: z.record(z.string(), z.number()).optional(),
});

function failureOf(value: unknown): AlignSquadError {
  try {
    parseWith(schema, value, { what: 'options', code: 'invalid-options' });
  } catch (error) {
    if (AlignSquadError.isInstance(error)) return error;
    throw error;
  }
  throw new AlignSquadError('It was accepted.', { code: 'conformance' });
}

test('gives the parsed value', () => {
  expect(parseWith(schema, { name: 'abc' }, { what: 'options', code: 'invalid-options' })).toEqual({ name: 'abc' });
});

test('throws with the given code', () => {
  expect(failureOf(3).code).toBe('invalid-options');
});

test.each<[unknown, string]>([
  [3, 'Expected options: `value` must be an object.'],
  [{ name: 3 }, 'Expected options: `name` must be a string.'],
  [{ name: 'a' }, 'Expected options: `name` must be at least 2 character(s) long.'],
  [{ name: 'abcde' }, 'Expected options: `name` must be at most 4 character(s) long.'],
  [{ size: 0 }, 'Expected options: `size` must be at least 1.'],
  [{ items: 'a' }, 'Expected options: `items` must be an array.'],
  [{ items: ['a', 'b'] }, 'Expected options: `items` must be at most 1 item(s) long.'],
  [{ items: [1] }, 'Expected options: `items.0` must be a string.'],
  [{ mode: 'slow' }, 'Expected options: `mode` must be one of fast, exact.'],
  [{ other: 1 }, 'Expected options: `value` has 1 unknown key(s).'],
])('says of %j what is wrong', (value, message) => {
  expect(failureOf(value).message).toBe(message);
});

test('keeps a key that is free text out of the message', () => {
  expect(failureOf({ weights: { 'what a user wrote': 'x' } }).message).toBe(
    'Expected options: `weights.?` must be a number.',
  );
});

test('names three faults at most', () => {
  const { message } = failureOf({ name: 3, size: '', items: 3, mode: 3 });
  expect(message.split(';')).toHaveLength(3);
});
