import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { computeBudget, formatBudget, type StyleLimits } from './style-budget.js';
import { measureSource } from './style-measure.js';

const limits: StyleLimits = { maxFileLines: 30, p90FileLines: 20, maxFunctionLines: 6, dataTables: ['packages/a/src/table/'] };
const temporary: string[] = [];

afterEach(() => {
  for (const folder of temporary.splice(0)) rmSync(folder, { recursive: true });
});

const lines = (count: number): string => 'a;\n'.repeat(count);

function failedMeasures(files: Readonly<Record<string, string>>): readonly string[] {
  const measured = Object.entries(files).map(([path, text]) => measureSource(path, text));
  return computeBudget(measured, limits)
    .filter((row) => !row.isMet)
    .map((row) => row.measure);
}

function run(files: Readonly<Record<string, string>>): { readonly status: number | null; readonly stdout: string } {
  const root = mkdtempSync(join(tmpdir(), 'style-budget-'));
  temporary.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return spawnSync(process.execPath, ['--import', 'tsx', 'tools/style-budget.ts', root], { encoding: 'utf8' });
}

test.each([
  ['any', 'const a: any = 1;'],
  ['bare Error', "throw new Error('a');"],
  ['non-null !', 'a!.b();'],
  ['exports documented', 'export const a = 1;'],
  ['file lines, p90', lines(21)],
  ['function lines, max', `function a() {\n${lines(5)}}\n`],
])('%s over its limit is reported', (measure, text) => {
  expect(failedMeasures({ 'packages/a/src/bad.ts': text })).toEqual([measure]);
});

test('one long file among short ones is over the maximum but not over the p90', () => {
  const short = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`tools/${index}.ts`, 'a;\n']));
  expect(failedMeasures({ ...short, 'tools/long.ts': lines(31) })).toEqual(['file lines, max']);
});

test('a data table may be long', () => {
  expect(failedMeasures({ 'packages/a/src/table/rows.ts': lines(400) })).toEqual([]);
});

test('tests and tools may throw bare errors and export without a doc', () => {
  const text = "export const a = 1;\nthrow new Error('a');\n";
  expect(failedMeasures({ 'packages/a/src/a.test.ts': text, 'tools/a.ts': text })).toEqual([]);
});

test('a function in a test may be long', () => {
  expect(failedMeasures({ 'packages/a/src/a.test.ts': `function a() {\n${lines(9)}}\n` })).toEqual([]);
});

test('no files at all is not within the budget', () => {
  expect(failedMeasures({})).toEqual(['source files']);
});

test('the table names the places of what is over', () => {
  const rows = computeBudget([measureSource('tools/a.ts', 'b;\na!.b();')], limits);
  expect(formatBudget(rows)).toMatch(/non-null !\s+1\s+0\s+OVER\n {2}tools\/a\.ts:2\n/);
});

test('the command exits 1 on a file that breaks the budget', () => {
  const { status, stdout } = run({ 'packages/a/src/bad.ts': 'export const a: any = b!;\n' });
  expect(stdout).toContain('packages/a/src/bad.ts:1');
  expect(status).toBe(1);
});

test('the command exits 0 on a file within the budget', () => {
  expect(run({ 'packages/a/src/good.ts': '/** Good. */\nexport const a = 1;\n' }).status).toBe(0);
});
