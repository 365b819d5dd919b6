import { expect, test } from 'vitest';
import { formatTable } from './text-table.js';

test('lines up the first column to the left and the others to the right', () => {
  expect(formatTable(['name', 'n'], [['a', '100'], ['longer', '2']])).toBe('name      n\na       100\nlonger    2');
});
