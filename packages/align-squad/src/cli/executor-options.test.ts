import { describe, expect, test } from 'vitest';
import { readExecutor, readOnlineOptions, readPrices, readQueue } from './executor-options.js';

const baseUrl = 'http://127.0.0.1:1/v1';
const server = { baseUrl, model: 'm' };

describe('readExecutor', () => {
  test('asks a server by default, with the key of the environment', () => {
    expect(readExecutor({ baseUrl, concurrency: '4', maxTokensField: 'max_completion_tokens' }, { OPENAI_API_KEY: 'a key' })).toEqual({
      kind: 'online',
      options: { baseUrl, apiKey: 'a key', concurrency: 4, maxTokensField: 'max_completion_tokens' },
    });
  });

  test('takes batches with or without a server', () => {
    expect(readExecutor({ executor: 'batch' }, {})).toEqual({ kind: 'batch' });
    expect(readExecutor({ executor: 'batch', baseUrl, maxTokensField: 'max_tokens' }, { OPENAI_API_KEY: '' })).toEqual({ kind: 'batch', baseUrl, maxTokensField: 'max_tokens' });
  });

  test('takes a queue from the option or the environment, the option first', () => {
    expect(readExecutor({ executor: 'queue', redis: 'redis://a' }, { REDIS_URL: 'redis://b' })).toEqual({ kind: 'queue', redisUrl: 'redis://a', queue: 'align-squad' });
    expect(readQueue({ queue: 'q' }, { REDIS_URL: 'redis://b' })).toEqual({ redisUrl: 'redis://b', queue: 'q' });
  });

  test.each([
    ['another executor', { executor: 'secret' }, '--executor'],
    ['no server', {}, '--base-url'],
    ['a queue without Redis', { executor: 'queue' }, '--redis'],
    ['a queue beside a server', { ...server, redis: 'secret' }, '--redis'],
    ['a queue with a server of its own', { executor: 'queue', redis: 'redis://a', baseUrl: 'secret' }, 'generate worker'],
    ['a budget for a queue', { executor: 'queue', redis: 'redis://a', budgetTokens: '1' }, '--budget-tokens'],
    ['a budget for batches', { executor: 'batch', budgetMoney: '1' }, '--budget-money'],
    ['a number that is none', { ...server, concurrency: 'secret' }, '--concurrency'],
    ['another name of the limit', { ...server, maxTokensField: 'secret' }, '--max-tokens-field'],
  ])('%s is wrong usage that names the option and not its value', (_what, raw, word) => {
    const read = (): unknown => readExecutor(raw, {});
    expect(read).toThrow(expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(word) as string }));
    expect(read).toThrow(/^(?!.*secret)/);
  });
});

describe('prices', () => {
  const prices = { priceInput: '0.5', priceOutput: '2' };

  test('are of the model, and go into the budget', () => {
    expect(readPrices({ model: 'm', ...prices })).toEqual({ m: { input: 0.5, output: 2 } });
    expect(readOnlineOptions({ ...server, ...prices, budgetMoney: '3', budgetTokens: '900' }, {}).budget).toEqual({ tokens: 900, money: 3, prices: { m: { input: 0.5, output: 2 } } });
    expect(readPrices({ model: 'm' })).toBeUndefined();
  });

  test('of two models are both needed', () => {
    expect(readPrices({ model: 'm', weakModel: 'w', ...prices, weakPriceInput: '0', weakPriceOutput: '1' })).toEqual({ m: { input: 0.5, output: 2 }, w: { input: 0, output: 1 } });
    expect(() => readPrices({ model: 'm', weakModel: 'w', ...prices })).toThrow('--weak-price-input');
    expect(() => readPrices({ model: 'm', weakPriceInput: '1', weakPriceOutput: '1' })).toThrow('--price-input');
  });

  test.each([
    ['one half', { ...server, priceInput: '1' }, 'together'],
    ['no model', { baseUrl, ...prices }, '--model'],
    ['a budget without prices', { ...server, budgetMoney: '1' }, '--price-input'],
    ['a price that is no number', { ...server, priceInput: 'x', priceOutput: '1' }, '--price-input'],
  ])('%s is wrong usage', (_what, raw, word) => {
    expect(() => readOnlineOptions(raw, {})).toThrow(word);
  });
});
