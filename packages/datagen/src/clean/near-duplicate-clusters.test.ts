import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import { foldText } from './fold-text.js';
import { createClusterBuilder, nearDuplicateClusters } from './near-duplicate-clusters.js';
import { exactJaccard, madeUpQuestions } from './test-support.js';

/** Sets of texts that are together, in an order that only depends on the sets. */
function groupsOf(texts: readonly string[]): string[] {
  const clusters = nearDuplicateClusters(texts);
  const groups = new Map<number, string[]>();
  for (const [at, text] of texts.entries()) groups.set(clusters[at] ?? -1, [...(groups.get(clusters[at] ?? -1) ?? []), text]);
  return [...groups.values()].map((group) => group.sort().join('\n')).sort();
}

const edits: readonly ((text: string) => string)[] = [
  (text) => text.toUpperCase(),
  (text) => text.replace('?', ' ?!'),
  (text) => `${text} Thanks!`,
  (text) => `So, ${text}`,
  (text) => text.replace(/(\w{30,}?)(\w)(\w)/u, '$1$3$2'),
  (text) => `${text.slice(0, 40)}${text.slice(41)}`,
];

/** Questions, each with a small edit that leaves a Jaccard index of 0.88 or more. */
function plantedPairs(count: number): [string, string][] {
  const random = createRandom(5);
  return [...madeUpQuestions(count, 11)]
    .map((question): [string, string] => [question, (edits[random.integer(edits.length)] ?? String)(question)])
    .filter(([a, b]) => exactJaccard(foldText(a), foldText(b)) >= 0.88);
}

test('finds at least 95 % of planted near duplicates', () => {
  const pairs = plantedPairs(2000);
  expect(pairs.length).toBeGreaterThan(1000);
  const clusters = nearDuplicateClusters(pairs.flat());
  const found = pairs.filter((_, at) => clusters[2 * at] === clusters[2 * at + 1]);
  expect(found.length).toBeGreaterThanOrEqual(0.95 * pairs.length);
});

test('random questions stay apart', () => {
  const texts = [...madeUpQuestions(5000, 21)];
  expect(new Set(nearDuplicateClusters(texts)).size).toBe(new Set(texts).size);
});

test('texts that are linked by others are together', () => {
  const question = 'how do i teach my old dog the names of all his toys and where each of them belongs in the evening';
  const chain = Array.from({ length: 12 }, (_, at) => question.slice(0, question.length - 4 * at));
  expect(new Set(nearDuplicateClusters([chain[0] ?? '', chain[11] ?? ''])).size).toBe(2);
  expect(new Set(nearDuplicateClusters(chain)).size).toBe(1);
});

test('clusters are numbered as their first texts come', () => {
  expect([...nearDuplicateClusters(['Who are you?', 'Why is it cold?', 'who are you', 'Where is Rome?'])]).toEqual([0, 1, 0, 2]);
});

test('no texts have no clusters', () => {
  expect(nearDuplicateClusters([])).toHaveLength(0);
});

test('which texts are together does not depend on their order, full buckets included', () => {
  const random = createRandom(9);
  // One frame and one changing word fill buckets far over their limit with texts that are and are not near duplicates.
  const crowded = Array.from({ length: 1500 }, (_, at) => `What is the most useful thing that anyone should know about number ${at * 7919} of the list?`);
  const texts = [...plantedPairs(200).flat(), ...crowded];
  expect(groupsOf(random.shuffle([...texts]))).toEqual(groupsOf(texts));
});

test('copies are together however many there are', () => {
  const copies = Array.from({ length: 3000 }, (_, at) => (at % 2 ? 'Why is the sky blue?' : 'why is  the sky BLUE'));
  expect(new Set(nearDuplicateClusters(copies)).size).toBe(1);
});

test.each([
  ['made-up questions', (count: number) => [...madeUpQuestions(count, 4)]],
  ['one frame with another number', (count: number) => Array.from({ length: count }, (_, at) => `What should anyone know about number ${at * 7919} of the list?`)],
])('comparisons grow linearly with %s', (_, make) => {
  const comparisonsOf = (count: number): number => {
    const builder = createClusterBuilder();
    for (const text of make(count)) builder.add(text);
    builder.build();
    return builder.comparisons / count;
  };
  // Quadratic work would be four times as much for each text.
  expect(comparisonsOf(8000)).toBeLessThan(2 * comparisonsOf(2000) + 16);
  expect(comparisonsOf(8000)).toBeLessThanOrEqual(16 * 64);
});
