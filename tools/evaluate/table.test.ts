import { expect, test } from 'vitest';
import { formatNumber, formatShare, formatTable } from './table.js';

test('lines up the first column to the left and the others to the right', () => {
  expect(formatTable(['name', 'n'], [['a', '100'], ['longer', '2']])).toBe('name      n\na       100\nlonger    2');
});

test('shows numbers with their digits, shares as per cent, and a dash for none', () => {
  expect([formatNumber(0.12345), formatNumber(2, 1), formatShare(0.0333)]).toEqual(['0.123', '2.0', '3.3 %']);
  expect([formatNumber(null), formatShare(null)]).toEqual(['-', '-']);
});
