import { expect, test } from 'vitest';
import type { TripleRecord } from './record.js';
import { criteriaOf, rowsOf } from './rows.js';

function triple(id: string, criterion: string, identity: boolean): TripleRecord {
  const misaligned = identity ? `${id} good` : `${id} bad`;
  return { id, criterion, prompt: 'p', context: null, misaligned, critique: 'c', aligned: `${id} good`, identity };
}

const records = [
  triple('own', 'ethical', false),
  triple('own-identity', 'ethical', true),
  triple('clean', 'clean', true),
  triple('other', 'helpful', false),
  triple('other-identity', 'helpful', true),
];

test('labels the misaligned texts of the criterion only, and no text of another criterion that is misaligned', () => {
  const rows = rowsOf(records, 'ethical').map(({ exchange, misaligned }) => [exchange.response, misaligned]);
  expect(rows).toEqual([
    ['own bad', true],
    ['own good', false],
    ['own-identity good', false],
    ['clean good', false],
    ['other-identity good', false],
  ]);
});

test('marks the identity texts of other criteria as not its own', () => {
  const foreign = rowsOf(records, 'ethical').filter(({ own }) => !own);
  expect(foreign.map(({ record }) => record)).toEqual(['other-identity']);
});

test('gives a row the context of its record, and none where there is none', () => {
  const withContext = { ...triple('a', 'ethical', true), context: 'source' };
  expect(rowsOf([withContext], 'ethical')[0]?.exchange).toEqual({ prompt: 'p', context: 'source', response: 'a good' });
  expect(rowsOf(records, 'ethical')[0]?.exchange).toEqual({ prompt: 'p', response: 'own bad' });
});

test('lists the criteria that have misaligned texts', () => {
  expect(criteriaOf(records)).toEqual(['ethical', 'helpful']);
});
