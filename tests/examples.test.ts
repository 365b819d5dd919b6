import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root, runCommand } from './walk.js';

const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.ts'));

test('there are examples to walk', () => {
  expect(examples.length).toBeGreaterThanOrEqual(3);
});

test.each(examples)('examples/%s runs, checks itself and says so in its last line', async (name) => {
  const result = await runCommand(process.execPath, [
    '--conditions=@align-squad/source',
    '--import',
    'tsx',
    join('examples', name),
  ]);
  expect(result).toMatchObject({ status: 0, stderr: '' });
  expect(result.stdout.trimEnd().split('\n').at(-1)).toMatch(/^ok\b/);
});
