import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { closingLine } from './closing-line-reporter.js';
import { root } from './walk.js';

const temporary: string[] = [];

afterEach(() => {
  for (const folder of temporary.splice(0)) rmSync(folder, { recursive: true });
});

test('tests of all files are added up', () => {
  const modules = [
    { passed: 2, failed: 1, isBroken: false },
    { passed: 3, failed: 0, isBroken: false },
  ];
  expect(closingLine(modules, 0)).toBe('5 passed, 1 failed');
});

test('a broken file and an unhandled error each count as a failure', () => {
  expect(closingLine([{ passed: 1, failed: 0, isBroken: true }], 1)).toBe('1 passed, 2 failed');
});

test('a run of nothing is a failure', () => {
  expect(closingLine([], 0)).toBe('0 passed, 1 failed');
});

test('a run ends with the line alone, with failed tests and files that do not load in it', () => {
  const folder = mkdtempSync(join(root, 'tests', '.closing-line-'));
  temporary.push(folder);
  const head = "import { test } from 'vitest';\n";
  writeFileSync(join(folder, 'mixed.test.ts'), `${head}test('good', () => {});\ntest('bad', () => { throw 1; });\n`);
  writeFileSync(join(folder, 'broken.test.ts'), `${head}import './missing.js';\ntest('lost', () => {});\n`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { status, stdout } = spawnSync(process.execPath, [vitest, 'run', folder], { cwd: root, encoding: 'utf8' });
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 passed, 2 failed');
  expect(status).toBe(1);
});
