import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ethical } from '@align-squad/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Executor } from '../executors/executor.js';
import { scriptedAnswer } from '../testing/scripted-model.js';
import { generateDataset } from './generate.js';
import { readRunStatus } from './run-status.js';

/** Room left for the file of that name; each write takes what still fits, as a disk does. */
const disk = vi.hoisted(() => ({ file: '', room: Number.POSITIVE_INFINITY }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const actual = await importOriginal<typeof import('node:fs/promises')>();
  const fullDisk = (): Error => Object.assign(new TypeError('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  return {
    ...actual,
    async open(...args: Parameters<typeof actual.open>) {
      const file = await actual.open(...args);
      if (!String(args[0]).includes(disk.file)) return file;
      for (const name of ['appendFile', 'writeFile', 'write'] as const) {
        const write = file[name].bind(file) as (data: Uint8Array | string) => Promise<unknown>;
        const limited = async (data: Uint8Array | string): Promise<unknown> => {
          const bytes = Buffer.from(data as string);
          const fits = Math.min(bytes.length, disk.room);
          disk.room -= fits;
          const written = fits > 0 ? await write(bytes.subarray(0, fits)) : undefined;
          if (fits < bytes.length) throw fullDisk();
          return written;
        };
        Object.assign(file, { [name]: limited });
      }
      return file;
    },
  };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-disk-'));
});
afterEach(async () => {
  Object.assign(disk, { file: '', room: Number.POSITIVE_INFINITY });
  await rm(folder, { recursive: true });
});

const fill = (file: string, room: number): void => void Object.assign(disk, { file, room });

function scriptedExecutor(): Executor & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name: 'scripted',
    asked,
    async *run(requests) {
      for await (const { id, body } of requests) {
        asked.push(id);
        yield { id, ok: true, text: scriptedAnswer({ model: body.model, messages: [...body.messages] }), isComplete: true, usage: { input: 10, output: 20 } };
      }
    },
  };
}

async function run(directory: string, executor: Executor): Promise<unknown> {
  try {
    for await (const _ of generateDataset({ criterion: ethical, count: 40, model: 'scripted', topics: 12 }, { directory, executor }));
    return undefined;
  } catch (error) {
    return error;
  }
}

const trainOf = (directory: string): Promise<string> => readFile(join(directory, 'dataset', 'train.jsonl'), 'utf8');

test('a disk that is full within an answer loses that answer only: with room again the run goes on', async () => {
  const whole = join(folder, 'whole');
  await run(whole, scriptedExecutor());
  const directory = join(folder, 'run');
  const first = scriptedExecutor();
  fill('answers.journal', 5000);
  expect(await run(directory, first)).toMatchObject({ code: 'generator-failed', message: 'The journal of the run could not be written: is the disk full?' });
  fill('', Number.POSITIVE_INFINITY);
  const { answers, damagedAnswers } = await readRunStatus(directory);
  expect(answers).toBe(first.asked.length - 1);
  expect(damagedAnswers).toBe(1);
  const second = scriptedExecutor();
  expect(await run(directory, second)).toBeUndefined();
  expect(second.asked.filter((id) => first.asked.includes(id))).toEqual(first.asked.slice(-1));
  expect(await trainOf(directory)).toBe(await trainOf(whole));
});

test.each([
  ['lock', 'The folder of the run could not be made or written'],
  ['run.json', 'A file of the run could not be written'],
  ['questions.jsonl', 'A file of the run could not be written'],
  ['train.jsonl', 'A file of the run could not be written'],
])('a disk that is full at %s is told, and with room again the run goes on', async (file, message) => {
  const directory = join(folder, 'run');
  const executor = scriptedExecutor();
  fill(file, 1);
  expect(await run(directory, executor)).toMatchObject({ code: 'generator-failed', message: expect.stringContaining(message) as string });
  fill('', Number.POSITIVE_INFINITY);
  expect(await run(directory, executor)).toBeUndefined();
  expect(new Set(executor.asked).size).toBe(executor.asked.length);
  expect(await trainOf(directory)).not.toBe('');
});
