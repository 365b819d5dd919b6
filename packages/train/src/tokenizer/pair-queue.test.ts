import { expect, test } from 'vitest';
import { createRandom } from '@align-squad/core';
import { PairQueue } from './pair-queue.js';

test('pairs come out by count, equal counts by name', () => {
  const random = createRandom(1);
  const queue = new PairQueue();
  const pairs = Array.from({ length: 500 }, () => ({ key: `${random.integer(30)} ${random.integer(30)}`, count: random.integer(20) }));
  for (const pair of pairs) queue.push(pair);
  const popped = pairs.map(() => queue.pop());
  const inOrder = [...pairs].sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : Number(a.key > b.key)));
  expect(popped).toEqual(inOrder);
});

test('pairs may be added between pops', () => {
  const queue = new PairQueue();
  queue.push({ key: 'b', count: 2 });
  queue.push({ key: 'a', count: 1 });
  const first = queue.pop();
  queue.push({ key: 'c', count: 5 });
  expect([first, queue.pop(), queue.pop()].map((pair) => pair?.key)).toEqual(['b', 'c', 'a']);
});

test('an empty queue gives nothing', () => {
  expect(new PairQueue().pop()).toBeUndefined();
});
