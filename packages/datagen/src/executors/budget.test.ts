import { expect, test } from 'vitest';
import { createBudgetAccount, mostInputTokens } from './budget.js';
import { requestOf } from './test-support.js';

const request = requestOf('four', { maxTokens: 20 });
// 64 for the request, 16 for its message, 4 bytes.
const worst = 84 + 20;

test('the most that a body can be is its bytes, with room for a template, pictures and a schema', () => {
  expect(mostInputTokens(request.body)).toBe(84);
  expect(mostInputTokens(requestOf('vier Äpfel').body)).toBe(80 + 11);
  const schema = { name: 'n', schema: { type: 'object' } };
  expect(mostInputTokens({ ...request.body, schema })).toBe(84 + JSON.stringify(schema).length);
  const picture = { type: 'image_url', image_url: { url: `data:${'x'.repeat(1e6)}` } } as const;
  expect(mostInputTokens({ ...request.body, messages: [{ role: 'user', content: [{ type: 'text', text: 'four' }, picture] }] })).toBe(84 + 16_384);
});

test('what is in progress counts as the most that it can cost', () => {
  const account = createBudgetAccount({ tokens: 2 * worst });
  const first = account.reserve(request);
  expect(account.reserve(request)).toBeDefined();
  expect(account.reserve(request)).toBeUndefined();
  if (first) account.settle(first, 'nothing');
  expect(account.reserve(request)).toBeDefined();
});

test('what was spent is what the server told, and the most where nobody knows', () => {
  const account = createBudgetAccount({ tokens: 1000 });
  for (const cost of [{ input: 3, output: 4 }, 'worst', 'nothing'] as const) {
    const held = account.reserve(request);
    if (held) account.settle(held, cost);
  }
  expect(account.spent).toEqual({ tokens: 7 + worst, money: 0 });
});

test('money is counted by the prices of the model', () => {
  const account = createBudgetAccount({ money: 0.001, prices: { m: { input: 1, output: 10 } } });
  const held = account.reserve(request);
  if (held) account.settle(held, { input: 100, output: 20 });
  expect(account.spent.money).toBeCloseTo(0.0003, 9);
  expect(account.reserve(requestOf('x', { maxTokens: 100 }))).toBeUndefined();
});

test('a model without a price is told when money is limited', () => {
  const prices = { m: { input: 1, output: 1 } };
  const other = requestOf('x', { model: 'toString' });
  expect([createBudgetAccount({ money: 1, prices }).isPriced(request), createBudgetAccount({ money: 1, prices }).isPriced(other)]).toEqual([true, false]);
  expect(createBudgetAccount({ prices }).isPriced(other)).toBe(true);
});
