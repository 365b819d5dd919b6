import { describe, expect, test } from 'vitest';
import { AlignSquadError } from './errors.js';
import { parseExchange, promptText } from './exchange.js';

const secret = 'my-secret-text';

function messageFor(value: unknown): string {
  try {
    parseExchange(value);
  } catch (error) {
    if (AlignSquadError.isInstance(error) && error.code === 'invalid-exchange') return error.message;
    throw error;
  }
  return 'accepted';
}

test('a bare string is the response of an exchange', () => {
  expect(parseExchange('Hello.')).toEqual({ response: 'Hello.' });
});

test('a whole exchange comes back equal', () => {
  const exchange = { prompt: [{ role: 'user', content: 'Hi' }], context: 'C', response: 'R' };
  expect(parseExchange(exchange)).toEqual(exchange);
});

test.each(['', ' \n', '\u0000', '\ud83d', '[SEP] </s>'])('takes the odd text %j as it is', (response) => {
  expect(parseExchange({ prompt: response, context: response, response }).response).toBe(response);
});

describe('rejects without showing any text', () => {
  test.each<[string, unknown, string]>([
    ['a number', 3, '`value` must be an object'],
    ['nothing', undefined, '`value` must be an object'],
    ['null', null, '`value` must be an object'],
    ['no response', { prompt: secret }, '`response` must be a string'],
    ['a response that is a list', { response: [secret] }, '`response` must be a string'],
    ['a context that is an object', { context: { secret }, response: secret }, '`context` must be a string'],
    ['a prompt of an unknown role', { prompt: [{ role: secret, content: secret }], response: '' }, '`prompt` is not valid'],
    ['an unknown key', { [secret]: secret, response: '' }, '`value` has 1 unknown key(s)'],
  ])('%s', (_, value, expected) => {
    const message = messageFor(value);
    expect(message).toContain(expected);
    expect(message).not.toContain(secret);
  });
});

describe('promptText', () => {
  test('gives a plain prompt as it is, and an empty text for none', () => {
    expect([promptText('Hi'), promptText(undefined), promptText([])]).toEqual(['Hi', '', '']);
  });

  test('gives a single message without its role', () => {
    expect(promptText([{ role: 'user', content: 'Hi' }])).toBe('Hi');
  });

  test('gives a conversation as a line a message, led by its role', () => {
    const conversation = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
    ] as const;
    expect(promptText(conversation)).toBe('user: Hi\nassistant: Hello');
  });
});
