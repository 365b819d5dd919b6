import { expect, test } from 'vitest';
import { formatNumber, formatShare } from './table.js';

test('shows numbers with their digits, shares as per cent, and a dash for none', () => {
  expect([formatNumber(0.12345), formatNumber(2, 1), formatShare(0.0333)]).toEqual(['0.123', '2.0', '3.3 %']);
  expect([formatNumber(null), formatShare(null)]).toEqual(['-', '-']);
});
