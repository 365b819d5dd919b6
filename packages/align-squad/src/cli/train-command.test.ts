import { AlignSquadError } from '@align-squad/core';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CliIo } from './io.js';
import { parseLines, run } from './test-support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-'));
});
afterEach(() => rm(folder, { recursive: true }));

const training = ['train', 'inspector', '--data', 'a.jsonl', '--criterion', 'kind', '--out', 'out'];

test('train prints the pack and what it reaches', async () => {
  expect(await run(training)).toEqual({ code: 0, stdout: 'pack out\n  auroc.kind  0.75\n', stderr: '' });
});

test('train --json prints each event as one line', async () => {
  const { stdout } = await run([...training, '--json']);
  expect(parseLines(stdout)).toEqual([{ type: 'pack-end', directory: 'out', metrics: { 'auroc.kind': 0.75 } }]);
});

test('train hands its options on as a configuration', async () => {
  const seen: object[] = [];
  const train: CliIo['train'] = async function* (config) {
    seen.push(config);
    yield { type: 'pack-end', directory: 'out', metrics: {} };
  };
  await run([...training, '--base', 'default', '--method', 'head', '--epochs', '4', '--seed', '9', '--restart'], { train });
  expect(seen).toEqual([
    {
      task: 'inspector',
      data: ['a.jsonl'],
      criteria: [{ id: 'kind', needsContext: false }],
      base: '/packs/default',
      method: 'head',
      out: 'out',
      epochs: 4,
      seed: 9,
      restart: true,
    },
  ]);
});

test('options of train win over its configuration file, whose paths are relative to it', async () => {
  const seen: object[] = [];
  const train: CliIo['train'] = async function* (config) {
    seen.push(config);
    yield { type: 'pack-end', directory: 'out', metrics: {} };
  };
  const file = { task: 'aligner', data: ['data.jsonl'], criteria: [{ id: 'factual' }], out: 'packs/mine', epochs: 2, aligner: { maxTokens: 64 } };
  await writeFile(join(folder, 'train.json'), JSON.stringify(file));
  await run(['train', 'aligner', '--config', join(folder, 'train.json'), '--epochs', '3', '--design', 'edit-tagger'], { train });
  expect(seen).toEqual([
    { ...file, data: [join(folder, 'data.jsonl')], out: join(folder, 'packs/mine'), epochs: 3, aligner: { maxTokens: 64, design: 'edit-tagger' } },
  ]);
});

test('all files of an inspector are relative to the configuration file, those of experts too', async () => {
  const seen: object[] = [];
  const train: CliIo['train'] = async function* (config) {
    seen.push(config);
    yield { type: 'pack-end', directory: 'out', metrics: {} };
  };
  const inspector = { ngramData: ['n.jsonl'], tokenizerTexts: ['t.txt'], experts: [{ criterion: 'calm', data: ['chat.jsonl'] }] };
  await writeFile(join(folder, 'inspector.json'), JSON.stringify({ task: 'inspector', data: ['data.jsonl'], criteria: [{ id: 'calm' }], out: 'mine', inspector }));
  await run(['train', 'inspector', '--config', join(folder, 'inspector.json')], { train });
  expect(seen).toMatchObject([
    { inspector: { ngramData: [join(folder, 'n.jsonl')], tokenizerTexts: [join(folder, 't.txt')], experts: [{ criterion: 'calm', data: [join(folder, 'chat.jsonl')] }] } },
  ]);
});

test.each([
  ['another task', ['train', 'judge', '--data', 'a', '--criterion', 'b', '--out', 'c'], 'train inspector'],
  ['no data', ['train', 'inspector', '--criterion', 'b', '--out', 'c'], '--data'],
  ['no criterion', ['train', 'inspector', '--data', 'a', '--out', 'c'], '--criterion'],
  ['no output folder', ['train', 'inspector', '--data', 'a', '--criterion', 'b'], '--out'],
  ['epochs that are no number', [...training, '--epochs', 'secret'], '--epochs'],
  ['a criterion file that does not exist', ['train', 'inspector', '--data', 'a', '--criterion', './secret.json', '--out', 'c'], '--criterion'],
])('train with %s is wrong usage', async (_what, args, word) => {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(word);
  expect(stderr).not.toContain('secret');
});

test('an error of the training is told by its code', async () => {
  const train: CliIo['train'] = async function* () {
    yield { type: 'stage-start', stage: 'read records' };
    throw new AlignSquadError('Expected a.jsonl line 3 to be JSON.', { code: 'invalid-dataset' });
  };
  const { code, stderr } = await run(training, { train });
  expect(code).toBe(1);
  expect(stderr).toBe('read records\nerror [invalid-dataset]: Expected a.jsonl line 3 to be JSON.\n');
});
