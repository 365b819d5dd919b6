import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeLines } from './write-lines.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-lines-'));
  path = join(folder, 'out.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

test('each value is a line of JSON, and nothing else is left in the folder', async () => {
  await writeLines(path, [{ a: 'one\ntwo' }, { b: 'é' }]);
  expect(await readFile(path, 'utf8')).toBe('{"a":"one\\ntwo"}\n{"b":"é"}\n');
  expect(await readdir(folder)).toEqual(['out.jsonl']);
});

test('a former file is replaced', async () => {
  await writeFile(path, 'a much longer former text\n');
  await writeLines(path, [{ a: 1 }]);
  expect(await readFile(path, 'utf8')).toBe('{"a":1}\n');
});

test('an abort half way rejects with its reason and leaves the former file as it was', async () => {
  await writeFile(path, 'former');
  const stop = new AbortController();
  const reason = { why: 'enough' };
  const values = function* (): Generator<object> {
    yield { a: 1 };
    stop.abort(reason);
    yield { a: 2 };
  };
  await expect(writeLines(path, values(), { signal: stop.signal })).rejects.toBe(reason);
  expect(await readFile(path, 'utf8')).toBe('former');
  expect(await readdir(folder)).toEqual(['out.jsonl']);
});

test('two writers of one file do not mix their lines', async () => {
  const linesOf = (name: string): object[] => Array.from({ length: 50 }, () => ({ name }));
  await Promise.all([writeLines(path, linesOf('a')), writeLines(path, linesOf('b'))]);
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect([lines.length, new Set(lines).size]).toEqual([50, 1]);
});

test.each([
  ['in a folder that is not there', () => join(folder, 'no', 'out.jsonl'), 'ENOENT'],
  ['that is a folder', () => folder, 'EISDIR'],
])('a file %s is refused by name and system code', async (_what, target, code) => {
  await mkdir(join(folder, 'other'));
  await expect(writeLines(target(), [{ a: 'secret' }])).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining(code) as string });
  expect(await readdir(folder)).toEqual(['other']);
});
