import { AlignSquadError, ethical } from '@align-squad/core';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GenerateRequest } from './generate-options.js';
import type { CliIo } from './io.js';
import { parseLines, run } from './test-support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-'));
});
afterEach(() => rm(folder, { recursive: true }));

const generating = ['generate', '--criterion', 'ethical', '--count', '10', '--dir', 'run', '--base-url', 'http://127.0.0.1:1/v1', '--model', 'm'];

/** A double that keeps what it was asked. */
function keepRequests(): { seen: GenerateRequest[]; generate: CliIo['generate'] } {
  const seen: GenerateRequest[] = [];
  return {
    seen,
    async *generate(request) {
      seen.push(request);
      const card = { schemaVersion: 1, criterion: { id: 'a', sha256: '' }, models: [], format: 'paper', seed: 1, stages: [], filters: [], split: { train: 1, dev: 1 } } as const;
      yield { type: 'dataset-end', directory: 'd', card };
    },
  };
}

test('generate prints where the dataset is', async () => {
  expect(await run(generating)).toEqual({ code: 0, stdout: 'dataset run: 9 records to train on, 1 held out\n', stderr: '' });
});

test('generate --json prints each event but progress as one line', async () => {
  const { stdout } = await run([...generating, '--json']);
  expect(parseLines(stdout)).toMatchObject([{ type: 'dataset-end', directory: 'run' }]);
});

test('generate hands its options on, the key from the environment', async () => {
  const { seen, generate } = keepRequests();
  await run([...generating, '--format', 'paper', '--filters', 'noise, length', '--seed', '7', '--concurrency', '4', '--budget-tokens', '900', '--license', 'mit', '--price-input', '1', '--price-output', '2', '--currency', 'EUR'], { generate, env: { OPENAI_API_KEY: 'a key' } });
  expect(seen).toMatchObject([
    {
      directory: 'run',
      settings: { criterion: { id: 'ethical' }, count: 10, model: 'm', format: 'paper', filters: ['noise', 'length'], seed: 7, license: 'mit', prices: { m: { input: 1, output: 2 } }, currency: 'EUR' },
      executor: { kind: 'online', options: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'a key', concurrency: 4, budget: { tokens: 900 } } },
    },
  ]);
});

test('generate takes a criterion file, and batches without a server', async () => {
  const { seen, generate } = keepRequests();
  const file = join(folder, 'mine.json');
  await writeFile(file, JSON.stringify({ ...ethical, id: 'mine' }));
  await run(['generate', '--criterion', file, '--count', '3', '--dir', 'run', '--model', 'm', '--executor', 'batch'], { generate });
  expect(seen).toMatchObject([{ settings: { criterion: { id: 'mine' } }, executor: { kind: 'batch' } }]);
});

test('the summary tells what the answers cost', async () => {
  const generate: CliIo['generate'] = async function* ({ directory }) {
    const card = { schemaVersion: 1, criterion: { id: 'a', sha256: '' }, models: [], format: 'paper', seed: 1, stages: [], filters: [], split: { train: 9, dev: 1 }, costs: { amount: 1.25, currency: 'EUR' } } as const;
    yield { type: 'dataset-end', directory, card };
  };
  expect((await run(generating, { generate })).stdout).toBe('dataset run: 9 records to train on, 1 held out\n  answers cost 1.2500 EUR\n');
});

test('generate status tells what was spent', async () => {
  const status = { criterion: 'a', model: 'm', count: 9, answers: 4, damagedAnswers: 0, records: {}, isFinished: false, isLocked: true } as const;
  const spentLine = async (spending: object): Promise<string | undefined> => {
    const { stdout } = await run(['generate', 'status', '--dir', 'run'], { runStatus: async () => ({ ...status, spending: { inputTokens: 30, outputTokens: 12, ...spending } }) });
    return stdout.split('\n').find((line) => line.startsWith('spent'));
  };
  expect(await spentLine({})).toBe('spent      30 tokens of prompts, 12 of answers');
  expect(await spentLine({ cost: 0.00125, currency: 'USD' })).toBe('spent      30 tokens of prompts, 12 of answers, 0.0013 USD');
});

test('generate status tells how far a run is', async () => {
  const { stdout } = await run(['generate', 'status', '--dir', 'run']);
  expect(stdout).toBe('criterion  ethical, 10 questions, model m\nstate      stopped; start it again to go on\nanswers    4 kept, 1 damaged and to be asked again\ntopics     3\n');
  expect(parseLines((await run(['generate', 'status', '--dir', 'run', '--json'])).stdout)).toMatchObject([{ answers: 4 }]);
});

test.each([
  ['no criterion', ['generate', '--count', '3', '--dir', 'd', '--model', 'm', '--base-url', 'http://a'], '--criterion'],
  ['a criterion file that does not exist', [...generating, '--criterion', './secret.json'], '--criterion'],
  ['no count', ['generate', '--criterion', 'ethical', '--dir', 'd', '--model', 'm', '--base-url', 'http://a'], '--count'],
  ['a count that is no number', [...generating, '--count', 'secret'], '--count'],
  ['no server', ['generate', '--criterion', 'ethical', '--count', '3', '--dir', 'd', '--model', 'm'], '--base-url'],
  ['another executor', [...generating, '--executor', 'secret'], '--executor'],
])('generate with %s is wrong usage', async (_what, args, word) => {
  const { code, stderr } = await run(args);
  expect(code).toBe(2);
  expect(stderr).toContain(word);
  expect(stderr).not.toContain('secret');
});

test('a criterion file with wrong fields is told by the fields', async () => {
  const file = join(folder, 'mine.json');
  await writeFile(file, JSON.stringify({ ...ethical, colour: 'secret' }));
  const { code, stderr } = await run([...generating, '--criterion', file]);
  expect({ code, isNamed: stderr.includes('invalid-criterion') }).toEqual({ code: 1, isNamed: true });
  expect(stderr).not.toContain('secret');
});

test('generate --resume wants a run that is there', async () => {
  const { seen, generate } = keepRequests();
  const runStatus: CliIo['runStatus'] = async () => {
    throw new AlignSquadError('The folder holds no run.', { code: 'invalid-options' });
  };
  expect((await run([...generating, '--resume'], { generate, runStatus })).code).toBe(2);
  expect(seen).toEqual([]);
});
