import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lowerings } from './lowerings.js';

test('every lowering is compared with its kernel', () => {
  const folder = new URL('./', import.meta.url);
  const tests = readdirSync(folder).filter((name) => name.endsWith('.test.ts')).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  expect(existsSync(new URL('./attention.test.ts', folder))).toBe(true);
  const missing = Object.keys(lowerings).filter((key) => !tests.some((text) => text.includes('describeLowerings') && text.includes(`'${key}'`)));
  expect(missing).toEqual([]);
});
