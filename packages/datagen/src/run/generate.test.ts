import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ethical } from '@align-squad/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Executor } from '../executors/executor.js';
import type { DatagenAnswer } from '../executors/request.js';
import { scriptedAnswer } from '../testing/scripted-model.js';
import { generateDataset, type DatagenEvent } from './generate.js';
import { readRunStatus } from './run-status.js';
import type { RunSettings } from './run-settings.js';

let folder: string;
let directory: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-datagen-'));
  directory = join(folder, 'run');
});
afterEach(() => rm(folder, { recursive: true }));

const settings: RunSettings = { criterion: ethical, count: 60, model: 'scripted', topics: 12, seed: 4 };

/** Answers from the script, the last request first; `change` may change or fail an answer. */
function scriptedExecutor(change: (answer: DatagenAnswer & { readonly ok: true }, asked: number) => DatagenAnswer = (answer) => answer): Executor & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name: 'scripted',
    asked,
    async *run(requests, { signal }) {
      const waiting: DatagenAnswer[] = [];
      for await (const { id, body } of requests) {
        signal?.throwIfAborted();
        asked.push(id);
        const text = scriptedAnswer({ model: body.model, messages: [...body.messages] });
        waiting.push(change({ id, ok: true, text, isComplete: true, usage: { input: 10, output: 20 } }, asked.length));
        if (waiting.length === 3) yield* waiting.splice(0).reverse();
      }
      yield* waiting.reverse();
    },
  };
}

async function run(executor: Executor, options: { readonly settings?: RunSettings; readonly signal?: AbortSignal } = {}): Promise<DatagenEvent[]> {
  const events: DatagenEvent[] = [];
  for await (const event of generateDataset(options.settings ?? settings, { directory, executor, signal: options.signal })) events.push(event);
  return events;
}

async function datasetFiles(): Promise<Record<string, string>> {
  const names = ['train.jsonl', 'dev.jsonl', 'card.json', 'README.md'];
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(directory, 'dataset', name), 'utf8')] as const)));
}

const recordsOf = (text: string | undefined): { id: string; prompt: string; misaligned: string; aligned: string; identity: boolean }[] =>
  (text ?? '').trimEnd().split('\n').map((line) => JSON.parse(line) as never);

describe('a run', () => {
  test('goes from a criterion to a dataset that is split by prompt', async () => {
    const events = await run(scriptedExecutor());
    expect(events.flatMap((event) => (event.type === 'stage-end' ? [event.stage] : []))).toEqual(['topics, round 1', 'questions', 'triples']);
    const files = await datasetFiles();
    const [train, dev] = [recordsOf(files['train.jsonl']), recordsOf(files['dev.jsonl'])];
    expect(train.length + dev.length).toBeGreaterThan(40);
    expect(dev.length).toBeGreaterThan(0);
    const held = new Set(dev.map(({ prompt }) => prompt));
    expect(train.filter(({ prompt }) => held.has(prompt))).toEqual([]);
    expect(train.some(({ identity }) => identity)).toBe(true);
    for (const { identity, misaligned, aligned } of train) expect(misaligned === aligned).toBe(identity);
  });

  test('of two models has a stage of corrections', async () => {
    const events = await run(scriptedExecutor(), { settings: { ...settings, format: 'two-models', weakModel: 'weak' } });
    expect(events.some((event) => event.type === 'stage-end' && event.stage === 'corrections')).toBe(true);
  });

  test('that its reader leaves ends the executor, keeps what was read, and frees the folder', async () => {
    let isEnded = false;
    const inner = scriptedExecutor();
    const executor: Executor = {
      name: 'scripted',
      async *run(requests, options) {
        try {
          yield* inner.run(requests, options);
        } finally {
          isEnded = true;
        }
      },
    };
    for await (const event of generateDataset(settings, { directory, executor })) if (event.type === 'progress') break;
    expect(isEnded).toBe(true);
    expect(await readRunStatus(directory)).toMatchObject({ answers: 1, isLocked: false, spending: { inputTokens: 10, outputTokens: 20 } });
  });

  test('asks nothing again when it is started again, and ends with the same bytes', async () => {
    await run(scriptedExecutor());
    const before = await datasetFiles();
    const again = scriptedExecutor();
    await run(again);
    expect(again.asked).toEqual([]);
    expect(await datasetFiles()).toEqual(before);
  });

  test('that was stopped goes on: nothing is asked twice that was answered, and the dataset is the same', async () => {
    await run(scriptedExecutor());
    const whole = await datasetFiles();
    await rm(directory, { recursive: true });
    const asked: string[] = [];
    for (const most of [2, 5, 9, 30, 1000]) {
      const stop = new AbortController();
      const executor = scriptedExecutor((answer, count) => {
        if (count === most) stop.abort('enough');
        return answer;
      });
      const before = (await readRunStatus(directory).catch(() => undefined))?.answers ?? 0;
      await run(executor, { signal: stop.signal }).catch((error: unknown) => expect(error).toBe('enough'));
      expect((await readRunStatus(directory)).answers).toBeGreaterThanOrEqual(before);
      asked.push(...executor.asked);
    }
    expect(await datasetFiles()).toEqual(whole);
    // What was asked when it stopped, and not answered, is asked again.
    expect(asked.length - new Set(asked).size).toBeLessThanOrEqual(4 * 3);
  });

  test('with a damaged journal asks for the damaged answer only', async () => {
    await run(scriptedExecutor());
    const whole = await datasetFiles();
    const path = join(directory, 'answers.journal');
    const bytes = await readFile(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const executor = scriptedExecutor();
    await run(executor);
    expect(executor.asked).toHaveLength(1);
    expect(await datasetFiles()).toEqual(whole);
    await truncate(path, bytes.length - 10);
    expect(await readRunStatus(directory)).toMatchObject({ criterion: 'ethical', isFinished: true, isLocked: false });
  });
});

describe('bad input', () => {
  test('a folder of another criterion or of other settings is refused', async () => {
    await run(scriptedExecutor());
    await expect(run(scriptedExecutor(), { settings: { ...settings, criterion: { ...ethical, id: 'other' } } })).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining('ethical') as string });
    await expect(run(scriptedExecutor(), { settings: { ...settings, seed: 5 } })).rejects.toMatchObject({ code: 'invalid-options' });
  });

  test('a criterion without seed questions is refused', async () => {
    await expect(run(scriptedExecutor(), { settings: { ...settings, criterion: { ...ethical, seedQuestions: [] } } })).rejects.toMatchObject({ code: 'invalid-criterion' });
  });

  test('a model that answers nonsense stops the run', async () => {
    const executor = scriptedExecutor((answer) => ({ ...answer, text: 'I can not do that.' }));
    await expect(run(executor, { settings: { ...settings, topics: 400 } })).rejects.toMatchObject({ code: 'generator-failed' });
  });

  test('a server that fails leaves a run that can go on', async () => {
    const broken = scriptedExecutor((answer, count) => (count === 5 ? { id: answer.id, ok: false, reason: 'http-500' } : answer));
    await expect(run(broken)).rejects.toMatchObject({ code: 'generator-failed', message: expect.stringContaining('1 of') as string });
    const mended = scriptedExecutor();
    await run(mended);
    expect(mended.asked.filter((id) => broken.asked.includes(id))).toHaveLength(1);
  });

  test('a refusal of the server is final', async () => {
    const refusing = scriptedExecutor((answer, count) => (count % 7 === 0 ? { id: answer.id, ok: false, reason: 'content-filter' } : answer));
    await run(refusing);
    const again = scriptedExecutor();
    await run(again);
    expect(again.asked).toEqual([]);
  });

  test('a format that writes no contexts is refused for a criterion that needs one', async () => {
    const grounded = { ...ethical, needsContext: true };
    await expect(run(scriptedExecutor(), { settings: { ...settings, criterion: grounded, format: 'two-models' } })).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining('two-models') as string });
  });

  test('two runs in one folder are refused, of one process too', async () => {
    const both = await Promise.allSettled([run(scriptedExecutor()), run(scriptedExecutor())]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'invalid-options' } });
    await writeFile(join(directory, 'lock'), String(process.ppid));
    await expect(run(scriptedExecutor())).rejects.toMatchObject({ code: 'invalid-options' });
  });

  test('a folder without a run has no status', async () => {
    await expect(readRunStatus(folder)).rejects.toMatchObject({ code: 'invalid-options' });
  });
});
