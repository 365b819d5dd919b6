import { expect, test } from 'vitest';
import { modelCard } from './model-card.js';
import { criterionResult, madeUpMeasurement } from './test-support.js';

const measurement = madeUpMeasurement();
const card = modelCard(measurement);
const lineOf = (text: string, start: string): string => text.split('\n').find((line) => line.startsWith(start)) ?? '';

test('names of a pack and of its parts are text, not markup', () => {
  expect(card).toContain('# @made/up-\\<b\\>pack\\</b\\>\\|\\*x\\* 1.2.3');
  expect(card).toContain('A \\[made\\](http://up) pack.');
  expect(card).toContain('a \\| processor');
  expect(card).toContain('source: a\\|b');
  expect(card).not.toContain('<b>pack</b>|*x* ');
});

test.each([
  ['with DiaSafety', card],
  ['without DiaSafety and squad', modelCard(madeUpMeasurement({ diaSafety: null, triples: { ...measurement.triples, squad: undefined } }))],
])('nothing undefined stands in a card %s', (_what, text) => {
  expect(text).not.toMatch(/undefined|NaN|Infinity|\[object|\bnull\b/);
});

test('a criterion whose AUROC could not be measured has a dash', () => {
  expect(lineOf(card, '| made\\_up | 8')).toContain('| – | – | – |');
});

test('a near miss is not rounded up to its target, and is said again below the table', () => {
  expect(lineOf(card, '| `ethical`: AUROC on the triples')).toBe('| `ethical`: AUROC on the triples | at least 0.96 | 0.9599 | 0.9499 to 0.9699 | **not reached** |');
  expect(card).toContain('- `ethical`: AUROC on the triples: 0.9599, wanted at least 0.96.');
});

test('a value at its bound reaches it, and what was not measured does not', () => {
  expect(lineOf(card, '| aligned texts, one a record')).toContain('| at most 2 % | 2.00 % | 0.40 % to 10.50 % | reached |');
  expect(lineOf(card, '| `helpful`: AUROC')).toContain('| – | – | not measured |');
  expect(card).toContain('- `helpful`: AUROC on the triples: not measured');
});

test('times name the cores that they were measured on', () => {
  expect(lineOf(card, '| a warm call')).toContain('| under 10 ms | 9.99 ms (2 cores, load average 1.5) |');
});

test('the card names the pack by the hash of its manifest', () => {
  expect(card).toContain(measurement.pack.sha256);
});

test('where DiaSafety is absent the card says so', () => {
  const without = modelCard(madeUpMeasurement({ diaSafety: null }));
  expect(without).toContain('DiaSafety was not there and was not measured.');
  expect(lineOf(without, '| `ethical`: AUROC on the validation part')).toContain('not measured');
});

test('all targets reached is said in one sentence', () => {
  const { triples, ownCriterion } = measurement;
  const own = Object.entries(ownCriterion).map(([criterion, parts]) => [criterion, { ...parts, misaligned: { ...parts.misaligned, alignedShare: 0.8 } }] as const);
  const inspector = { ...triples.inspector, criteria: { ethical: criterionResult(0.97), helpful: criterionResult(0.98) } };
  const text = modelCard(madeUpMeasurement({ triples: { ...triples, inspector }, ownCriterion: Object.fromEntries(own) }));
  expect(text).toContain('All targets are reached.');
});
