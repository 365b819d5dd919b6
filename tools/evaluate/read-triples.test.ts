import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countSharedPrompts, readTriples } from './read-triples.js';
import { madeRecord } from './test-support.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'triples-'));
});
afterAll(async () => rm(folder, { recursive: true }));

test('reads records with the hash of their file', async () => {
  const file = join(folder, 'one.jsonl');
  await writeFile(file, `${JSON.stringify(madeRecord({ id: 'a' }))}\n`);
  const { records, sha256 } = await readTriples(file);
  expect(records.map(({ id }) => id)).toEqual(['a']);
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('rejects a missing and an empty file', async () => {
  await writeFile(join(folder, 'empty.jsonl'), '\n');
  const invalid = expect.objectContaining({ code: 'invalid-dataset' });
  await expect(readTriples(join(folder, 'missing.jsonl'))).rejects.toEqual(invalid);
  await expect(readTriples(join(folder, 'empty.jsonl'))).rejects.toEqual(invalid);
});

test('counts the records whose prompt another set has too', () => {
  const records = [madeRecord({ id: 'a', prompt: 'x' }), madeRecord({ id: 'b', prompt: 'y' })];
  expect(countSharedPrompts(records, [madeRecord({ id: 'c', prompt: 'y' })])).toBe(1);
});
