import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { useFolder } from './test-support.js';
import { openWorkFolder, type WorkFolder } from './work-folder.js';

const path = useFolder();
const open = (out: string, fingerprint = 'one', restart = false): Promise<WorkFolder> => openWorkFolder(path(out), { fingerprint, restart });
const weights = new Map([['slope', { dims: [2], data: Float32Array.of(1, 2) }]]);

test('what a run has made is not made again', async () => {
  let made = 0;
  for (let run = 0; run < 2; run++) {
    const work = await open('kept');
    expect(await work.json('tokenizer', async () => ({ made: (made += 1) }))).toEqual({ made: 1 });
    expect(await work.weights('table', async () => ((made += 1), weights))).toEqual(weights);
  }
  expect(made).toBe(2);
});

test('the weights of another training are kept, until it is said that they are not wanted', async () => {
  await (await open('other')).weights('table', async () => weights);
  await expect(open('other', 'two')).rejects.toMatchObject({ code: 'training-failed', message: expect.stringContaining('`restart`') as string });
  await open('other', 'two', true);
  expect(await readdir(path('other.training'))).toEqual(['fingerprint']);
});

test('a training that came to no weights leaves room for another one, which makes its own', async () => {
  await (await open('early')).json('tokenizer', async () => ({ of: 'one' }));
  expect(await (await open('early', 'two')).json('tokenizer', async () => ({ of: 'two' }))).toEqual({ of: 'two' });
});

test('files that no training has left stay', async () => {
  await mkdir(path('mine.training'));
  await writeFile(path('mine.training/notes.txt'), 'mine');
  await open('mine');
  expect(await readFile(path('mine.training/notes.txt'), 'utf8')).toBe('mine');
});

test('a folder that can not be made is told', async () => {
  await writeFile(path('file'), '');
  await expect(open('file/out')).rejects.toMatchObject({ code: 'training-failed', message: expect.stringContaining('disk full') as string });
});

// Linux alone has a device that is always full.
test.runIf(process.platform === 'linux')('a full disk is told, and nothing half written is read later', async () => {
  const work = await open('full');
  await symlink('/dev/full', path('full.training/tokenizer.json.part'));
  await expect(work.json('tokenizer', async () => ({ a: 1 }))).rejects.toMatchObject({ code: 'training-failed', message: expect.stringContaining('disk full') as string });
  expect(await readdir(path('full.training'))).not.toContain('tokenizer.json');
});
