import { expect, test } from 'vitest';
import { createFunctionJudge } from './function-judge.js';

const question = { first: 'long answer', second: 'short' };

test('a preference that is the same in both orders stands', async () => {
  const judge = createFunctionJudge(({ first, second }) => (first.length > second.length ? 'first' : 'second'));
  expect(await judge.compare(question)).toEqual({ preference: 'first', orderChanged: false });
  expect(await judge.compare({ first: 'short', second: 'long answer' })).toEqual({ preference: 'second', orderChanged: false });
});

test.each([
  ['prefers what comes first', () => 'first' as const],
  ['prefers what comes second', () => 'second' as const],
  ['is decided in one order only', ({ first }: { first: string }) => (first === 'short' ? ('tie' as const) : ('first' as const))],
])('a judge that %s gives a tie that says so', async (_what, compare) => {
  expect(await createFunctionJudge(compare).compare(question)).toEqual({ preference: 'tie', orderChanged: true });
});

test('a judge of one order is asked once and says nothing of the other', async () => {
  const asked: string[] = [];
  const judge = createFunctionJudge(
    ({ first }) => {
      asked.push(first);
      return 'first';
    },
    { bothOrders: false, version: 'mine/2' },
  );
  expect(await judge.compare(question)).toEqual({ preference: 'first' });
  expect({ asked, version: judge.version }).toEqual({ asked: ['long answer'], version: 'mine/2' });
});

test('an abort between the orders ends the question with its reason', async () => {
  const controller = new AbortController();
  const judge = createFunctionJudge(() => {
    controller.abort('stop');
    return 'first';
  });
  await expect(judge.compare(question, { signal: controller.signal })).rejects.toBe('stop');
});
