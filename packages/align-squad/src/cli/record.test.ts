import { expect, test } from 'vitest';
import { parseRecord } from './record.js';

test('a record brings its id and its exchange', () => {
  expect(parseRecord('{"id":"a","prompt":"p","context":"c","response":"r"}', 4)).toEqual({
    id: 'a',
    exchange: { prompt: 'p', context: 'c', response: 'r' },
  });
});

test('a record without an id gets its line number', () => {
  expect(parseRecord('{"response":"r"}', 4)).toEqual({ id: 4, exchange: { response: 'r' } });
});

test('a null id, prompt or context counts as absent', () => {
  expect(parseRecord('{"id":null,"prompt":null,"context":null,"response":"r"}', 4)).toEqual({
    id: 4,
    exchange: { response: 'r' },
  });
});

test('keys of the caller are left alone', () => {
  expect(parseRecord('{"response":"r","score":3}', 1)).toEqual({ id: 1, exchange: { response: 'r' } });
});

test('a conversation is taken as the prompt', () => {
  const prompt = [{ role: 'user', content: 'hi' }];
  expect(parseRecord(JSON.stringify({ prompt, response: 'r' }), 1)).toEqual({ id: 1, exchange: { prompt, response: 'r' } });
});

test.each([
  ['no JSON', 'secret'],
  ['a list', '["secret"]'],
  ['null', 'null'],
  ['a bare string', '"secret"'],
  ['no response', '{"prompt":"secret"}'],
  ['a response that is no string', '{"response":["secret"]}'],
  ['a prompt that is no string', '{"prompt":{"secret":1},"response":"secret"}'],
  ['a context that is no string', '{"context":7,"response":"secret"}'],
  ['an id that is an object', '{"id":{"secret":1},"response":"secret"}'],
])('%s gives an error without the text', (_name, line) => {
  const record = parseRecord(line, 7);
  const error = 'error' in record ? record.error : undefined;
  expect(error?.code).toBe('invalid-exchange');
  expect(error?.message).not.toContain('secret');
  expect(record.id).toBe(7);
});

test('a bad record keeps its id', () => {
  expect(parseRecord('{"id":"a","response":1}', 7).id).toBe('a');
});
