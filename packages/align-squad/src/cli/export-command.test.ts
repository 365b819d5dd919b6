import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseLines, run } from './test-support.js';

let folder: string;
let data: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-'));
  data = join(folder, 'data.jsonl');
  out = join(folder, 'out.jsonl');
  await writeFile(data, '{"response":"RUDE","correction":"KIND"}\n{"response":"fine","correction":"fine"}\n');
});
afterEach(() => rm(folder, { recursive: true }));

const exporting = (format: string): string[] => ['export', '--data', data, '--format', format, '--out', out];

test('export prints what was written and what was left out', async () => {
  expect(await run(exporting('trl-preference'))).toEqual({
    code: 0,
    stdout: `file ${out}\n  written               1\n  left out, identities  1\n`,
    stderr: '',
  });
  expect(parseLines(await readFile(out, 'utf8'))).toEqual([{ prompt: '[INIT] RUDE [ALIGNED]', chosen: ' KIND [DONE]', rejected: ' RUDE [DONE]' }]);
});

test('export --json prints the counts as one line', async () => {
  const { stdout } = await run([...exporting('sft-chat'), '--json']);
  expect(parseLines(stdout)).toEqual([{ out, written: 2, leftOut: { identities: 0, zeroWeights: 0, markers: 0 } }]);
});

test('export takes several files of data', async () => {
  const { stdout } = await run([...exporting('sft-chat'), '--data', data, data]);
  expect(stdout).toContain('written  6');
});

test.each([
  ['csv', 'input,initial_response,'],
  ['parquet', 'PAR1'],
])('export writes the parts of a finished run as %s', async (format, start) => {
  const dataset = join(folder, 'run', 'dataset');
  await mkdir(dataset, { recursive: true });
  const triple = { id: 'a', criterion: 'kind', prompt: 'How?', misaligned: 'RUDE', critique: 'It insults.', aligned: 'KIND', identity: false };
  await writeFile(join(dataset, 'train.jsonl'), `${JSON.stringify(triple)}\n${JSON.stringify({ ...triple, id: 'b' })}\n`);
  await writeFile(join(dataset, 'dev.jsonl'), `${JSON.stringify({ ...triple, id: 'c' })}\n`);
  await writeFile(join(dataset, 'card.json'), '{}');
  const tables = join(folder, 'tables');
  const exportingRun = ['export', '--dir', join(folder, 'run'), '--format', format, '--out', tables];
  expect(await run(exportingRun)).toEqual({ code: 0, stdout: `folder ${tables}\n  train  2\n  dev    1\n`, stderr: '' });
  expect((await readFile(join(tables, `train.${format}`), 'latin1')).slice(0, start.length)).toBe(start);
  expect(parseLines((await run([...exportingRun, '--json'])).stdout)).toEqual([{ out: tables, train: 2, dev: 1 }]);
});

test.each([
  ['no data', ['export', '--format', 'sft-chat', '--out', 'c'], '--data'],
  ['no format', ['export', '--data', 'a', '--out', 'c'], '--format'],
  ['no output', ['export', '--data', 'a', '--format', 'sft-chat'], '--out'],
  ['csv of records', ['export', '--data', 'a', '--format', 'csv', '--out', 'c'], '--dir'],
  ['csv of nothing', ['export', '--format', 'csv', '--out', 'c'], '--dir'],
  ['chats of a run', ['export', '--dir', 'secret', '--format', 'sft-chat', '--out', 'c'], '--data'],
  ['a folder without a finished run', ['export', '--dir', '/no/secret', '--format', 'parquet', '--out', '/tmp'], 'no finished run'],
  ['an unknown format', ['export', '--data', 'a', '--format', 'secret', '--out', 'c'], 'trl-preference'],
  ['data that is not there', ['export', '--data', '/no/a.jsonl', '--format', 'sft-chat', '--out', 'c'], 'a.jsonl'],
  ['an argument too many', ['export', 'secret'], 'only options'],
])('export with %s is wrong usage', async (_what, args, word) => {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error \[invalid-options\]: [^\n]+\n$/);
  expect(stderr).toContain(word);
  expect(stderr).not.toContain('secret');
});

test('a record that is wrong ends with its code, and no file is left', async () => {
  await writeFile(data, '{"response":"secret"}\n');
  const { code, stdout, stderr } = await run(exporting('sft-chat'));
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^error \[invalid-dataset\]: .*data\.jsonl line 1/);
  expect(stderr).not.toContain('secret');
  expect(await readdir(folder)).toEqual(['data.jsonl']);
});

test('an interrupt ends an export without a file', async () => {
  const { code, stderr } = await run(exporting('sft-chat'), { signal: AbortSignal.abort('SIGINT') });
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
  expect(await readdir(folder)).toEqual(['data.jsonl']);
});
