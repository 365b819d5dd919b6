import { expect, test } from 'vitest';
import type { Dimension } from '../model.js';
import { broadcastDims } from './shape-rule.js';

test.each<[Dimension[], Dimension[], Dimension[]]>([
  [['n'], [1], ['n']],
  [[1], ['n'], ['n']],
  [['n'], ['n'], ['n']],
  [['n'], [3], [3]],
  [['n'], ['m'], ['']],
  [[''], ['n'], ['']],
  [[], ['n', 2], ['n', 2]],
])('%j and %j broadcast to %j', (a, b, together) => {
  expect(broadcastDims(a, b)).toEqual(together);
});
