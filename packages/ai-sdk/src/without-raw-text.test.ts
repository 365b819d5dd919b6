import { AlignSquadError } from '@align-squad/core';
import { APICallError, JSONParseError } from '@ai-sdk/provider';
import { expect, test } from 'vitest';
import { withoutRawText } from './without-raw-text.js';

const call = { message: 'm', url: 'https://example.com/', requestBodyValues: {} };
const unreadable = new JSONParseError({ text: 'RUDE', cause: new RangeError('x') });

test.each<[string, unknown]>([
  ['a text', 'overloaded'],
  ['nothing', undefined],
  ['a call that the provider refused', new APICallError({ ...call, statusCode: 429, responseBody: 'slow down' })],
  ['an error of ours', new AlignSquadError('m', { code: 'blocked' })],
])('%s stays as it is', (_, error) => {
  expect(withoutRawText(error)).toBe(error);
});

test.each<[string, unknown]>([
  ['an answer that is no JSON', unreadable],
  ['a call that failed because of it', new APICallError({ ...call, cause: unreadable })],
  ['a call that succeeded and holds its answer', new APICallError({ ...call, statusCode: 200, responseBody: 'RUDE' })],
])('%s is replaced', (_, error) => {
  const given = withoutRawText(error);
  expect(AlignSquadError.isInstance(given) && given.code).toBe('source-failed');
  expect(given).not.toHaveProperty('cause');
});

test('a chain of causes that has no end is not given', () => {
  const error = { cause: undefined as unknown };
  error.cause = error;
  expect(AlignSquadError.isInstance(withoutRawText(error))).toBe(true);
});
