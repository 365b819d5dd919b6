import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DatagenAnswer } from '../executors/request.js';
import { openJournal } from './journal.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-journal-'));
  path = join(folder, 'answers.journal');
});
afterEach(() => rm(folder, { recursive: true }));

const answer = (id: string, text = `text of ${id}\nin two lines`): DatagenAnswer => ({ id, ok: true, text, isComplete: true, usage: { input: 3, output: 5 } });

async function write(...ids: readonly string[]): Promise<void> {
  const journal = await openJournal(path);
  await Promise.all(ids.map((id) => journal.append(answer(id))));
  await journal.close();
}

test('answers are there again when it is opened again', async () => {
  await write('a', 'b', 'c');
  const journal = await openJournal(path);
  expect([journal.size, journal.damaged]).toEqual([3, 0]);
  expect(await journal.read('b')).toEqual(answer('b'));
  expect(await journal.read('d')).toBeUndefined();
  await journal.close();
});

test('a second answer to a request is left out', async () => {
  await write('a', 'b', 'a');
  const journal = await openJournal(path);
  await journal.append(answer('a', 'another'));
  expect(await journal.read('a')).toEqual(answer('a'));
  await journal.close();
  expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(2);
});

test('cut anywhere, it keeps all whole lines and goes on', async () => {
  await write('a', 'b', 'c');
  const whole = await readFile(path);
  const ends = [...whole.keys()].filter((at) => whole[at] === 0x0a);
  for (let length = 0; length <= whole.length; length++) {
    await writeFile(path, whole);
    await truncate(path, length);
    const kept = ends.filter((end) => end <= length).length;
    const journal = await openJournal(path);
    expect(journal.size, `${length} bytes`).toBe(kept);
    await journal.append(answer('d'));
    expect(await journal.read('d')).toEqual(answer('d'));
    await journal.close();
    const again = await openJournal(path);
    expect(again.size, `${length} bytes`).toBe(kept + 1);
    await again.close();
  }
});

test('a flipped byte loses that answer only', async () => {
  await write('a', 'b', 'c');
  const whole = await readFile(path);
  const ends = [...whole.keys()].filter((at) => whole[at] === 0x0a);
  for (let at = (ends[0] ?? 0) + 1; at < (ends[1] ?? 0); at++) {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 0x41;
    await writeFile(path, flipped);
    const journal = await openJournal(path);
    expect([journal.has('a'), journal.has('c')], `byte ${at}`).toEqual([true, true]);
    expect(journal.has('b'), `byte ${at}`).toBe(false);
    await journal.close();
  }
});
