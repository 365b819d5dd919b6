import { expect, test } from 'vitest';
import { windowFate } from './window-fate.js';

test.each([
  ['clean', undefined, 'released'],
  ['aligned', 'Kind words. ', 'rewritten'],
  ['aligned', ' ', 'removed'],
  ['blocked', '', 'withheld'],
  ['blocked', 'No.', 'replaced'],
  ['unfixed', undefined, 'kept'],
] as const)('a window that ends %s with %o in its place is %s', (outcome, replacement, fate) => {
  expect(windowFate(outcome, replacement)).toBe(fate);
});
