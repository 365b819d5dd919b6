import { expect, test } from 'vitest';
import { GraphBuilder } from '../builder.js';
import { numbersOf, runGraph } from '../test-support.js';
import { isCausal } from './attend.js';

test.each<[number, number, { past?: number; window?: number }, number[]]>([
  [2, 2, {}, [1, 0, 1, 1]],
  [2, 3, {}, [1, 1, 0, 1, 1, 1]],
  [2, 3, { past: 0 }, [1, 0, 0, 1, 1, 0]],
  [3, 3, { window: 2 }, [1, 0, 0, 1, 1, 0, 0, 1, 1]],
])('%d queries over %d keys with %j see what is not after them', async (queries, keys, options, seen) => {
  const graph = new GraphBuilder();
  const name = isCausal(graph, queries, keys, options);
  expect(numbersOf((await runGraph(graph, [name], {}))[name])).toEqual(seen);
});
