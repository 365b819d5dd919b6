import { expect, test } from 'vitest';
import { hasColors } from './style.js';

test.each([
  ['a terminal gets colours', { isTTY: true }, {}, true],
  ['a pipe gets none', {}, {}, false],
  ['a dumb terminal gets none', { isTTY: true }, { TERM: 'dumb' }, false],
  ['NO_COLOR wins over FORCE_COLOR', { isTTY: true }, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ['an empty NO_COLOR says nothing', { isTTY: true }, { NO_COLOR: '' }, true],
  ['FORCE_COLOR paints a pipe', {}, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR=0 keeps a terminal plain', { isTTY: true }, { FORCE_COLOR: '0' }, false],
])('%s', (_name, target, env, expected) => {
  expect(hasColors(target, env)).toBe(expected);
});
