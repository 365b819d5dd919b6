import { expect, test } from 'vitest';
import { splitByPrompt } from './split-by-prompt.js';
import { inspectorRecord } from './test-support.js';

const records = Array.from({ length: 60 }, (_, line) => inspectorRecord(line, { promptKey: `prompt ${line % 20}` }));
const keys = (some: readonly { readonly promptKey: string }[]): Set<string> => new Set(some.map(({ promptKey }) => promptKey));

test('all records of a prompt go to one side', () => {
  const { training, held } = splitByPrompt(records, { share: 0.3, seed: 1 });
  expect([keys(training).size, keys(held).size, training.length, held.length]).toEqual([14, 6, 42, 18]);
  expect([...keys(held)].filter((key) => keys(training).has(key))).toEqual([]);
});

test('the split depends on prompts and seed only', () => {
  const held = (some: typeof records, seed = 1): Set<string> => keys(splitByPrompt(some, { share: 0.3, seed }).held);
  expect(held([...records].reverse())).toEqual(held(records));
  expect(held(records, 2)).not.toEqual(held(records));
});

test.each([[0.001, 1], [0.999, 19]])('a share of %d leaves a prompt on each side', (share, count) => {
  expect(keys(splitByPrompt(records, { share, seed: 1 }).held).size).toBe(count);
});

test('a single prompt is trained on', () => {
  const { training, held } = splitByPrompt([inspectorRecord(1)], { share: 0.5, seed: 1 });
  expect([training.length, held.length]).toEqual([1, 0]);
});
