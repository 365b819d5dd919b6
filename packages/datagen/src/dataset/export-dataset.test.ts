import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tripleWith } from '../clean/test-support.js';
import { exportDataset } from './export-dataset.js';
import { fullTriple, testFolder } from './test-support.js';

const lines = (...records: readonly object[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join('');

async function finishedRun(files: Record<string, string> = {}): Promise<string> {
  const folder = await testFolder();
  await mkdir(join(folder, 'dataset'));
  const all = { 'card.json': '{}', 'train.jsonl': lines(fullTriple, tripleWith()), 'dev.jsonl': lines(tripleWith({ id: 'dev' })), ...files };
  for (const [name, text] of Object.entries(all)) await writeFile(join(folder, 'dataset', name), text);
  return folder;
}

test.each(['jsonl', 'csv', 'parquet'] as const)('both parts of a dataset are written as %s', async (format) => {
  const folder = await finishedRun();
  const out = join(folder, 'new', 'out');
  expect(await exportDataset(folder, { format, out })).toEqual({ train: 2, dev: 1 });
  expect(await readdir(out)).toEqual([`dev.${format}`, `train.${format}`]);
});

test('JSON Lines hold the same records', async () => {
  const folder = await finishedRun();
  const out = join(folder, 'out');
  await exportDataset(folder, { format: 'jsonl', out });
  const text = await readFile(join(out, 'train.jsonl'), 'utf8');
  expect(text.trimEnd().split('\n').map((line) => JSON.parse(line))).toEqual([fullTriple, tripleWith()]);
});

test.each([
  ['is no JSON', '{"prompt": secret'],
  ['is no triple', lines({ ...tripleWith(), secret: 1 })],
])('a line that %s stops it: nothing is written, and the error names the line but no text', async (_, line) => {
  const folder = await finishedRun({ 'dev.jsonl': lines(tripleWith()) + line });
  const out = join(folder, 'out');
  const error: unknown = await exportDataset(folder, { format: 'csv', out }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'invalid-dataset', message: expect.stringContaining('dev.jsonl line 2') });
  expect(error).not.toHaveProperty('cause');
  expect(await readdir(out)).toEqual([]);
});

test('a run that has not finished is refused', async () => {
  const folder = await testFolder();
  await expect(exportDataset(folder, { format: 'csv', out: join(folder, 'out') })).rejects.toMatchObject({ code: 'invalid-options' });
  expect(await readdir(folder)).toEqual([]);
});

test('the folder of the dataset is not written to', async () => {
  const folder = await finishedRun();
  await expect(exportDataset(folder, { format: 'jsonl', out: join(folder, 'new', '..', 'dataset') })).rejects.toMatchObject({ code: 'invalid-options' });
});

test('an unknown format is named', async () => {
  const options = { format: 'xlsx', out: 'out' };
  // @ts-expect-error as a caller without types does
  await expect(exportDataset('folder', options)).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining('format') });
});

test('a signal stops it with its reason and leaves nothing', async () => {
  const folder = await finishedRun();
  const reason = new DOMException('enough', 'AbortError');
  await expect(exportDataset(folder, { format: 'parquet', out: join(folder, 'out'), signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(await readdir(folder)).toEqual(['dataset']);
});
