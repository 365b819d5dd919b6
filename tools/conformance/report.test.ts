import { expect, test } from 'vitest';
import { formatConformance, isConformant, type GraphReport } from './report.js';

const good = { name: 'graph', forwardError: 1e-6, gradientError: 1e-5, worst: 'w', parameters: 3, unmatched: [], int8Error: 0.02 };

test('graphs within the bound agree', () => {
  expect(isConformant([good, good])).toBe(true);
  expect(formatConformance([good])).toContain('1 of 1 graphs');
});

test.each<[string, GraphReport[]]>([
  ['no graph', []],
  ['a gradient over the bound', [good, { ...good, gradientError: 1.1e-4 }]],
  ['a gradient that is no number', [{ ...good, gradientError: Number.NaN }]],
  ['an output over the bound', [{ ...good, forwardError: 2e-4 }]],
  ['an output that is no number', [{ ...good, forwardError: Number.NaN }]],
  ['a parameter without a weight', [{ ...good, unmatched: ['w'] }]],
  ['an int8 output that is no number', [{ ...good, int8Error: Number.NaN }]],
  ['a graph that could not be checked', [good, { name: 'other', failure: 'unsupported-operator: Foo' }]],
])('%s does not', (_, reports) => {
  expect(isConformant(reports)).toBe(false);
});

test('the table names failures, unmatched parameters and graphs over the bound', () => {
  const table = formatConformance([{ ...good, unmatched: ['lost'] }, { ...good, forwardError: 1 }, { name: 'other', failure: 'why' }]);
  expect(table).toContain('UNMATCHED lost');
  expect(table).toContain('OVER THE BOUND');
  expect(table).toContain('FAILED why');
  expect(table).toContain('0 of 3 graphs');
});
