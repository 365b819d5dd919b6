import { expect, test } from 'vitest';
import { resolveCommand } from './resolve-command.js';

const nothing = { help: false, version: false, criteria: undefined, pack: undefined };

test('without flags and variables all is left to the embedded pack', () => {
  expect(resolveCommand([], {})).toEqual(nothing);
  expect(resolveCommand([], { ALIGN_SQUAD_CRITERIA: '', ALIGN_SQUAD_PACK: '' })).toEqual(nothing);
});

test('flags go before variables', () => {
  const env = { ALIGN_SQUAD_CRITERIA: 'ethical, helpful', ALIGN_SQUAD_PACK: 'a' };
  expect(resolveCommand([], env)).toEqual({ ...nothing, criteria: ['ethical', 'helpful'], pack: 'a' });
  expect(resolveCommand(['--criteria', 'factual', '--pack=b'], env)).toEqual({ ...nothing, criteria: ['factual'], pack: 'b' });
});

test.each([[['--colour']], [['word']], [['--pack']]])('%j is refused', (args) => {
  expect(() => resolveCommand(args, {})).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
