import { startOpenaiTestServer, type OpenaiTestServerOptions } from '@align-squad/llm/testing';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseLines, run, type CliRun } from './test-support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = (name: string): string => join(folder, name);
const lines = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

interface Request {
  readonly id: string;
  readonly a: string;
  readonly b: string;
}

const pairs = [
  { id: 'x', prompt: 'Why?', criterion: 'ethical', original: 'RUDE', aligned: 'KIND words' },
  { prompt: [{ role: 'user', content: 'How?' }], context: null, response: 'RUDE', text: 'KIND words' },
  { id: 'same', original: 'fine', aligned: 'fine' },
];

const exportSheet = (args: readonly string[] = []): Promise<CliRun> => run(['judge', 'export', '--data', file('data.jsonl'), '--out', file('sheet.jsonl'), ...args]);
const requestsOf = async (): Promise<Request[]> => parseLines(await readFile(file('sheet.jsonl'), 'utf8')) as Request[];
const merge = (answers: readonly string[], args: readonly string[] = []): Promise<CliRun> =>
  run(['judge', 'merge', '--requests', file('sheet.jsonl'), '--key', file('sheet.key.json'), '--answers', ...answers.map(file), ...args]);

describe('export and merge', () => {
  test('a sheet is written with its key, and its answers give a win rate', async () => {
    await writeFile(file('data.jsonl'), lines(pairs));
    expect(await exportSheet(['--html', file('sheet.html')])).toEqual({
      code: 0,
      stdout: `sheet ${file('sheet.jsonl')}\n  requests              2\n  identical, not asked  1\n  key                   ${file('sheet.key.json')}\n`,
      stderr: '',
    });
    const requests = await requestsOf();
    expect([...requests].sort((a, b) => a.id.localeCompare(b.id))).toMatchObject([{ id: '2', prompt: 'How?' }, { id: 'x', prompt: 'Why?', criterion: 'ethical' }]);
    expect(await readFile(file('sheet.html'), 'utf8')).toContain('KIND words');
    const kind = ({ id, a }: Request) => ({ id, choice: a === 'RUDE' ? 'b' : 'a' });
    await writeFile(file('ann.jsonl'), lines(requests.map(kind)));
    await writeFile(file('bo.jsonl'), lines(requests.map(({ id }) => ({ id, choice: 'tie', note: 'the same' }))));
    const { code, stdout, stderr } = await merge(['ann.jsonl', 'ann.jsonl', 'bo.jsonl']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^judge sheet: 3 pairs\n {2}aligned preferred +2\n {2}original preferred +0\n/);
    expect(stdout).toMatch(/win rate +1\.000 \(95 %: 0\.342 to 1\.000, 2 pairs\)\n {2}annotators agree +0\.33, kappa -0\.50 \(3 annotators, 2 pairs\)\n {2}ethical +1\.000/);
    expect(parseLines((await merge(['ann.jsonl'], ['--json'])).stdout)).toMatchObject([{ wins: 2, identical: 1, criteria: { ethical: { wins: 1 } } }]);
  });

  test('what align writes is read, with prompts by id and the criterion of its steps', async () => {
    await writeFile(file('answers.jsonl'), lines([{ response: 'RUDE', prompt: 'Why?', context: 'Source.' }, { id: 'b', response: 'ok' }, { response: '' }, { response: 'RUDE' }]));
    const options = ['--input', file('answers.jsonl'), '--output', file('data.jsonl'), '--criteria', 'ethical'];
    await run(['align', ...options]);
    const results = parseLines(await readFile(file('data.jsonl'), 'utf8')) as { original: string; response: string }[];
    expect(results.filter(({ original, response }) => original !== response).length).toBeGreaterThan(0);
    expect(await exportSheet(['--exchanges', file('answers.jsonl')])).toMatchObject({ code: 0 });
    expect((await requestsOf()).find(({ id }) => id === '1')).toMatchObject({ prompt: 'Why?', context: 'Source.', criterion: 'ethical' });
  });

  test('a line of an error is left out and told of', async () => {
    await writeFile(file('data.jsonl'), lines([...pairs, { id: 'e', error: { code: 'aligner-failed', message: 'It failed.' } }]));
    const { code, stdout, stderr } = await exportSheet(['--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '1 line tells of an error, holding no response, and was left out\n' });
    expect(parseLines(stdout)).toMatchObject([{ requests: 2, identical: 1, leftOut: 1 }]);
  });

  test('a sample is drawn by the seed from the pairs that differ', async () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ original: `no ${index}`, aligned: index % 3 === 0 ? `no ${index}` : `yes ${index}` }));
    await writeFile(file('data.jsonl'), lines(many));
    const draw = async (seed: string): Promise<unknown> => {
      expect(parseLines((await exportSheet(['--sample', '7', '--seed', seed, '--json'])).stdout)).toMatchObject([{ requests: 7, identical: 10 }]);
      return requestsOf();
    };
    const first = await draw('1');
    expect(await draw('1')).toEqual(first);
    expect(await draw('2')).not.toEqual(first);
  });

  test.each([
    ['no JSON', 'secret', /data\.jsonl line 3/],
    ['no aligned text', '{"response":"secret"}', /line 3.*aligned response/],
    ['an aligned text that is no string', '{"original":"secret","aligned":1}', /line 3.*string/],
    ['a prompt that is none', '{"original":"secret","aligned":"b","prompt":5}', /line 3.*`prompt`/],
    ['an id of before', '{"id":"x","original":"secret","aligned":"b"}', /number 3/],
  ])('a line with %s ends with its number and no file', async (_what, line, message) => {
    await writeFile(file('data.jsonl'), `${lines(pairs.slice(0, 2))}${line}\n`);
    const { code, stdout, stderr } = await exportSheet();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error \[invalid-dataset\]: [^\n]+\n$/);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('secret');
    expect(await readdir(folder)).toEqual(['data.jsonl']);
  });

  test('answers to no request of the sheet are refused', async () => {
    await writeFile(file('data.jsonl'), lines(pairs));
    await exportSheet();
    await writeFile(file('ann.jsonl'), lines([{ id: 'secret', choice: 'a' }]));
    const { code, stderr } = await merge(['ann.jsonl']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error \[invalid-dataset\]: Expected every answer to be of a request/);
    expect(stderr).not.toContain('secret');
  });
});

describe('run', () => {
  const key = 'sk-very-secret';
  const textOf = (prompt: string, side: 'A' | 'B'): string => new RegExp(`^Response ${side}, as a JSON string: (.*)$`, 'mu').exec(prompt)?.[1] ?? '';
  const kindest: OpenaiTestServerOptions['answer'] = ({ messages }) =>
    JSON.stringify({ explanation: 'It is kind.', answer: textOf(String(messages[0]?.content), 'A').includes('KIND') ? 'A' : 'B' });

  async function judge(args: readonly string[] = [], options: Partial<OpenaiTestServerOptions> = {}): Promise<CliRun & { readonly requests: number }> {
    await using server = await startOpenaiTestServer({ answer: kindest, retryAfterMs: 1, ...options });
    const base = ['judge', 'run', '--data', file('data.jsonl'), '--base-url', server.baseUrl, '--model', 'scripted'];
    const done = await run([...base, ...args], { env: { OPENAI_API_KEY: key } });
    return { ...done, requests: server.statistics().requests };
  }

  test('both orders of each pair are asked, and decisions go to a file', async () => {
    await writeFile(file('data.jsonl'), lines(pairs));
    const { code, stdout, stderr, requests } = await judge(['--output', file('decisions.jsonl')], { apiKey: key });
    expect({ code, stderr, requests }).toEqual({ code: 0, stderr: '', requests: 4 });
    expect(stdout).toMatch(/^judge llm-judge\/1 scripted: 3 pairs\n {2}aligned preferred +2\n[^]*changed with order +0 of 2\n {2}ethical +1\.000/);
    const decisions = parseLines(await readFile(file('decisions.jsonl'), 'utf8'));
    expect(decisions).toHaveLength(3);
    expect(decisions).toContainEqual({ id: 'x', criterion: 'ethical', outcome: 'win', orderChanged: false, reason: 'It is kind.' });
  });

  test('one order costs half, and the result is one line of JSON', async () => {
    await writeFile(file('data.jsonl'), lines(pairs));
    const { stdout, requests } = await judge(['--one-order', '--json']);
    expect(requests).toBe(2);
    expect(parseLines(stdout)).toMatchObject([{ schemaVersion: 1, wins: 2, identical: 1, positionBias: { asked: 0 } }]);
  });

  test('pairs that fail are counted and end with 1', async () => {
    await writeFile(file('data.jsonl'), lines(pairs));
    const { code, stdout } = await judge([], { answer: () => 'SECRET' });
    expect(code).toBe(1);
    expect(stdout).toMatch(/failed +2\n {4}generator-failed +2\n {2}win rate +none/);
    expect(stdout).not.toContain('SECRET');
  });

  test('a wrong key ends the run soon and is not printed', async () => {
    await writeFile(file('data.jsonl'), lines(Array.from({ length: 80 }, (_, index) => ({ original: `a ${index}`, aligned: `b ${index}` }))));
    const { code, stdout, stderr, requests } = await judge([], { apiKey: 'another' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error \[generator-failed\]: .*401/);
    expect(stderr).not.toContain('sk-very');
    expect(requests).toBeLessThan(30);
  });

  test('a criterion that is not built in needs its file', async () => {
    await writeFile(file('data.jsonl'), lines([{ criterion: 'mine', original: 'RUDE', aligned: 'KIND' }]));
    const { code, stderr, requests } = await judge();
    expect({ code, requests }).toEqual({ code: 1, requests: 0 });
    expect(stderr).toMatch(/^error \[unknown-criterion\]/);
    const { ethical } = await import('@align-squad/core');
    await writeFile(file('mine.json'), JSON.stringify({ ...ethical, id: 'mine' }));
    expect(await judge(['--criterion', file('mine.json')])).toMatchObject({ code: 0, requests: 2 });
  });

  test('an interrupt ends a run with its code', async () => {
    await writeFile(file('data.jsonl'), lines(pairs));
    const args = ['judge', 'run', '--data', file('data.jsonl'), '--base-url', 'http://127.0.0.1:9/v1', '--model', 'm'];
    expect(await run(args, { signal: AbortSignal.abort('SIGINT') })).toEqual({ code: 130, stdout: '', stderr: '' });
  });
});

test.each([
  ['no data', ['export', '--out', 'a'], '--data'],
  ['no output', ['export', '--data', 'a'], '--out'],
  ['data that is not there', ['export', '--data', '/no/secret', '--out', 'a'], '--data'],
  ['one file for data and sheet', ['export', '--data', 'secret', '--out', 'secret'], 'different files'],
  ['a sample of none', ['export', '--data', 'a', '--out', 'b', '--sample', '0'], '--sample'],
  ['a seed that is no number', ['export', '--data', 'a', '--out', 'b', '--seed', 'secret'], '--seed'],
  ['no key', ['merge', '--requests', 'a', '--answers', 'b'], '--key'],
  ['no answers', ['merge', '--requests', 'a', '--key', 'b'], '--answers'],
  ['no model', ['run', '--data', 'a', '--base-url', 'http://x/v1'], '--model'],
  ['no server', ['run', '--data', 'a', '--model', 'm'], '--base-url'],
  ['an argument too many', ['run', 'secret'], 'only options'],
])('judge with %s is wrong usage', async (_what, args, word) => {
  const { code, stdout, stderr } = await run(['judge', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error \[invalid-options\]: [^\n]+\n$/);
  expect(stderr).toContain(word);
  expect(stderr).not.toContain('secret');
});
