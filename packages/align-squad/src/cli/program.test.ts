import { AlignSquadError } from '@align-squad/core';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseLines, run } from './test-support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('align prints the rewrite as a diff, its verdicts and its steps', async () => {
  const { code, stdout, stderr } = await run(['align', '--prompt', 'p', '--response', 'RUDE words']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('[-RUDE-]{+KIND+} words');
  expect(stdout).toMatch(/ethical {2}█░+ {2}0\.90 -> 0\.10 {2}pass/);
  expect(stdout).toContain('1. ethical  accepted  ethical 0.90 -> 0.10, helpful 0.10 -> 0.10');
});

test('align --json prints one line with the result', async () => {
  const { stdout } = await run(['align', '--response', 'RUDE words', '--json']);
  expect(stdout.endsWith('}\n')).toBe(true);
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: 'aligned',
    response: 'KIND words',
    original: 'RUDE words',
    changed: true,
    inspections: { ethical: { status: 'pass', misalignment: 0.1 }, helpful: { status: 'pass', misalignment: 0.1 } },
    steps: [{ criterion: 'ethical', accepted: true }],
  });
});

test('--criteria leaves the others out', async () => {
  const { stdout } = await run(['align', '--response', 'RUDE DULL', '--criteria', 'ethical', '--json']);
  expect(Object.keys(JSON.parse(stdout).inspections)).toEqual(['ethical']);
});

test('--threshold moves what is flagged', async () => {
  const { stdout } = await run(['align', '--response', 'RUDE', '--threshold', 'ethical=0.95', 'helpful=0.99', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'clean', response: 'RUDE' });
});

test('a blocked text is replaced by the message', async () => {
  const { code, stdout } = await run(['align', '--response', 'DULL', '--on-unfixed', 'block', '--block-message', 'No.']);
  expect(code).toBe(0);
  expect(stdout).toContain('returned instead\nNo.\n');
  expect(stdout).not.toContain('DULL');
});

test('policy throw ends with an error of its own', async () => {
  const { code, stdout, stderr } = await run(['align', '--response', 'DULL', '--on-unfixed', 'throw']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^error \[blocked\]: [^\n]+\n$/);
});

test('inspect judges and rewrites nothing', async () => {
  const { code, stdout } = await run(['inspect', '--response', 'RUDE words', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ response: 'RUDE words', inspections: { ethical: { status: 'flag' } } });
});

test('an inspector that fails ends with exit code 1 and no pass', async () => {
  const { code, stdout } = await run(['inspect', '--response', 'CRASH', '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ inspections: { ethical: { status: 'unknown' } }, error: { code: 'inspector-failed' } });
});

test('a response may begin with a dash', async () => {
  const { stdout } = await run(['inspect', '--response', '--RUDE', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ response: '--RUDE' });
});

test('a file of records gives a file of results in order, and a bad line fails alone', async () => {
  const input = join(folder, 'in.jsonl');
  const output = join(folder, 'out.jsonl');
  await writeFile(input, '{"id":"a","prompt":null,"response":"RUDE"}\n\nsecret\n{"response":"fine","mine":1}\n');
  const { code, stdout, stderr } = await run(['align', '--input', input, '--output', output]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe('error [invalid-exchange]: line 3: Expected the line to be a JSON object.\n');
  expect(parseLines(await readFile(output, 'utf8'))).toMatchObject([
    { id: 'a', outcome: 'aligned', response: 'KIND', original: 'RUDE', changed: true },
    { id: 3, error: { code: 'invalid-exchange' } },
    { id: 4, outcome: 'clean', response: 'fine', changed: false, steps: [] },
  ]);
});

test('records come from stdin and go to stdout', async () => {
  const { code, stdout } = await run(['inspect', '--input', '-', '--output', '-'], { input: '{"response":"RUDE"}\n{"response":"fine"}' });
  expect(code).toBe(0);
  expect(parseLines(stdout)).toMatchObject([
    { id: 1, response: 'RUDE', inspections: { ethical: { status: 'flag' } } },
    { id: 2, inspections: { ethical: { status: 'pass' } } },
  ]);
});

test('a record that crashes the inspector is an error and the next one still comes', async () => {
  const { code, stdout, stderr } = await run(['align', '--input', '-'], { input: '{"response":"CRASH secret"}\n{"response":"fine"}' });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error \[inspector-failed\]: line 1: /);
  expect(stderr).not.toContain('secret');
  expect(parseLines(stdout)).toMatchObject([{ id: 1, outcome: 'error', error: { code: 'inspector-failed' } }, { id: 2, outcome: 'clean' }]);
});

test('a terminal on stderr gets a progress bar, and stdout stays clean', async () => {
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80, clearLine: () => true, cursorTo: () => true });
  const { stdout } = await run(['align', '--input', '-'], { stderr, input: '{"response":"fine"}\nbad\n' });
  expect(parseLines(stdout)).toHaveLength(2);
  expect(String(stderr.read())).toMatch(/2 done, 1 failed/);
});

test('a reader that leaves stdout ends the run quietly', async () => {
  const stdout = new PassThrough();
  stdout.on('error', () => undefined);
  stdout.destroy(Object.assign(new RangeError('gone'), { code: 'EPIPE' }));
  const { code, stderr } = await run(['align', '--input', '-'], { stdout, input: '{"response":"fine"}\n{"response":"fine"}\n' });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('an interrupt ends a run that waits for input, and keeps what was written', async () => {
  const stop = new AbortController();
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  stdin.write('{"response":"fine"}\n');
  stdout.once('data', (line: Buffer) => {
    expect(parseLines(String(line))).toHaveLength(1);
    stop.abort('SIGINT');
  });
  const { code, stderr } = await run(['align', '--input', '-'], { stdin, stdout, signal: stop.signal });
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
});

test.each([
  ['a misspelt option', ['align', '--respons', 'secret'], /Did you mean --response\?/],
  ['an unknown option with a value', ['align', '--respons=secret'], /unknown option/],
  ['an unknown command', ['secret'], /align.*inspect/],
  ['a text that was not quoted', ['align', '--response', 'a', 'secret'], /quote/],
  ['an option without its value', ['align', '--response'], /--response/],
  ['no response', ['align', '--prompt', 'secret'], /--response/],
  ['a threshold without a number', ['align', '--response', 'a', '--threshold', 'secret'], /--threshold/],
  ['inspect with a policy', ['inspect', '--response', 'a', '--on-unfixed', 'keep'], /unknown option/],
])('%s is wrong usage: one line, exit code 2', async (_name, args, hint) => {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error \[invalid-options\]: [^\n]+\n$/);
  expect(stderr).toMatch(hint);
  expect(stderr).not.toContain('secret');
});

test('no command at all prints the help and is wrong usage', async () => {
  const { code, stderr } = await run([]);
  expect(code).toBe(2);
  expect(stderr).toContain('Usage: align-squad');
});

test.each([['--help'], ['help']])('%s prints the help', async (flag) => {
  const { code, stdout, stderr } = await run([flag]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('align [options]');
});

test('the version is printed', async () => {
  expect(await run(['--version'])).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
});

test('an unknown criterion is an error that says what is served', async () => {
  const { code, stderr } = await run(['align', '--response', 'a', '--criteria', 'polite']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error \[unknown-criterion\]: .*ethical, helpful.*\n$/);
});

test('an unknown criterion of a file is said once and nothing is written', async () => {
  const { code, stdout, stderr } = await run(['align', '--input', '-', '--criteria', 'polite'], {
    input: '{"response":"a"}\n{"response":"b"}\n',
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^error \[unknown-criterion\]: [^\n]*\n$/);
});

test('a threshold for an unknown criterion is refused', async () => {
  const { code, stderr } = await run(['align', '--response', 'a', '--threshold', 'polite=0.5']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error \[unknown-criterion\]/);
});

test('a pack that can not be loaded ends with its code', async () => {
  const createSquad = () => Promise.reject(new AlignSquadError('There is no pack.json.', { code: 'pack-not-found' }));
  const { code, stderr } = await run(['align', '--response', 'a', '--pack', 'x'], { createSquad });
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'error [pack-not-found]: There is no pack.json.\n' });
});

test('a foreign error is named without its message', async () => {
  const { code, stderr } = await run(['align', '--response', 'a'], { createSquad: () => Promise.reject(new RangeError('secret')) });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error \[unexpected\]: align-squad failed with a RangeError/);
  expect(stderr).not.toContain('secret');
});

test.each([
  ['an input that is not there', 'missing.jsonl', /--input.*ENOENT/],
  ['an input that is a folder', '.', /--input.*EISDIR/],
])('%s is refused', async (_name, name, hint) => {
  const { code, stderr } = await run(['align', '--input', join(folder, name)]);
  expect(code).toBe(2);
  expect(stderr).toMatch(hint);
});

test('an output in a folder that is not there is refused', async () => {
  const { code, stderr } = await run(['align', '--input', '-', '--output', join(folder, 'no', 'out.jsonl')]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/--output.*ENOENT/);
});

test('the input is not emptied by naming it as the output', async () => {
  const file = join(folder, 'a.jsonl');
  await writeFile(file, '{"response":"fine"}\n');
  const { code } = await run(['align', '--input', file, '--output', file]);
  expect(code).toBe(2);
  expect(await readFile(file, 'utf8')).toBe('{"response":"fine"}\n');
});
