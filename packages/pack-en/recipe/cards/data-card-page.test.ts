import { expect, test } from 'vitest';
import { dataCard } from '../data-card.js';
import { dataCardPage } from './data-card-page.js';
import { dataSetNotes } from './data-set-notes.js';
import { madeUpMeasurement } from './test-support.js';

const measurement = madeUpMeasurement();
const card = dataCardPage(measurement);

test('every set of the pack has notes', () => {
  expect(dataCard.length).toBeGreaterThan(0);
  expect(dataCard.map(({ name }) => name).filter((name) => dataSetNotes[name] === undefined)).toEqual([]);
});

test('names and sources of sets are text, not markup', () => {
  expect(card).toContain('| a \\<new\\> set | – | MIT | a\\_b | – |');
  expect(card).toContain('Sun \\| 2022');
});

test('rows are those that were counted, with their splits', () => {
  expect(card).toContain('| DiaSafety | 10 |');
  expect(card).toContain('(train 7, val 3)');
});

test('nothing undefined stands in a card', () => {
  const without = dataCardPage(madeUpMeasurement({ diaSafety: null }));
  for (const text of [card, without]) expect(text).not.toMatch(/undefined|NaN|Infinity|\[object|\bnull\b/);
});

test('prompts that are in both splits are said', () => {
  expect(card).toContain('no prompt of dev is in train');
  expect(dataCardPage(madeUpMeasurement({ splits: { ...measurement.splits, promptsInTrain: 2 } }))).toContain('2 dev records share a prompt with train');
});
