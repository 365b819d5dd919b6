import { expect, test } from 'vitest';
import { createProgress } from './progress.js';

test('shows progress on a terminal only', () => {
  const written: string[] = [];
  const target = (isTTY: boolean) => ({ isTTY, write: (text: string) => written.push(text) });
  createProgress(target(false))('record 1');
  expect(written).toEqual([]);
  createProgress(target(true))('record 1');
  expect(written.join('')).toContain('record 1');
});
