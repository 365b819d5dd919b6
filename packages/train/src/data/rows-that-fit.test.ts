import { expect, test } from 'vitest';
import { rowsThatFit } from './rows-that-fit.js';

const records = Array.from({ length: 30 }, (_, index) => ({ line: index + 1 }));

test('records that give no row are counted, the first ten by line', () => {
  const { rows, skipped } = rowsThatFit(records, ({ line }) => (line % 2 === 0 ? undefined : -line));
  expect(rows).toEqual(records.filter(({ line }) => line % 2 === 1).map(({ line }) => -line));
  expect(skipped).toEqual({ count: 15, lines: [2, 4, 6, 8, 10, 12, 14, 16, 18, 20] });
});
