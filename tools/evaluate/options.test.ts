import { expect, test } from 'vitest';
import { parseEvaluateArguments } from './options.js';

test('reads every option', () => {
  const args = ['--json', 'out.json', '--limit', '50', '--pack', 'dir', '--data', 'file', '--samples', '3'];
  expect(parseEvaluateArguments(args)).toEqual({ json: 'out.json', limit: 50, pack: 'dir', data: 'file', samples: 3 });
});

test('uses everything and prints no samples by default', () => {
  expect(parseEvaluateArguments([])).toMatchObject({ limit: undefined, samples: 0 });
});

test('gives nothing when help was asked for', () => {
  expect(parseEvaluateArguments(['--help'])).toBeUndefined();
});

test.each([[['--limit', 'ten']], [['--limit', '0']], [['--samples', '-1']], [['--speed', '9']], [['--json']], [['stray']]])(
  'rejects %j',
  (args) => {
    expect(() => parseEvaluateArguments(args)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
  },
);
