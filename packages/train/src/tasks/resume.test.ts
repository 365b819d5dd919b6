import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { alignerFiles } from './aligner-network.js';
import { runTask } from './run-task.js';
import { alignerConfig, corrections, eventsOf, inspectorConfig, metricsOf, ofType, politeRecords, useFolder, writeData, writeEncoderFolder } from './test-support.js';
import type { TrainConfig } from './train-config.js';
import { trainPack } from './train.js';
import type { TrainEvent } from '../trainer/train-event.js';

const path = useFolder();
let data: string;
let pairs: string;
beforeAll(async () => {
  data = await writeData(path('data.jsonl'), politeRecords);
  pairs = await writeData(path('pairs.jsonl'), corrections);
  await writeEncoderFolder(path('encoder'), politeRecords.map(({ response }) => response));
  await eventsOf(alignerConfig(pairs, path('decoder'), 'decoder', { epochs: 1 }));
});

const settings = { epochs: 2, batchTokens: 256, checkpointEverySteps: 2 };
const runs: Readonly<Record<string, (out: string) => TrainConfig>> = {
  'an inspector from random weights': (out) => inspectorConfig(data, out, settings),
  'an inspector by LoRA': (out) => inspectorConfig(data, out, { ...settings, base: path('encoder'), method: 'lora' }),
  'an inspector in full': (out) => inspectorConfig(data, out, { ...settings, base: path('encoder'), method: 'full' }),
  'a decoder': (out) => alignerConfig(pairs, out, 'decoder', settings),
  'an encoder-decoder': (out) => alignerConfig(pairs, out, 'encoder-decoder', settings),
  'an edit tagger': (out) => alignerConfig(pairs, out, 'edit-tagger', { ...settings, batchTokens: 128 }),
  'preferences by LoRA': (out) => ({ ...alignerConfig(pairs, out, 'decoder', settings), base: path('decoder'), aligner: { objective: 'preference' } }),
};

/** Runs until an event, and stops by the signal then; returns what the run was stopped with. */
async function stopAt(config: TrainConfig, isTime: (event: TrainEvent) => boolean): Promise<unknown> {
  const stop = new AbortController();
  try {
    for await (const event of runTask(config, { signal: stop.signal })) if (isTime(event)) stop.abort('enough');
    return undefined;
  } catch (reason) {
    return reason;
  }
}

async function modelsOf(pack: string): Promise<Buffer[]> {
  return Promise.all((await readdir(`${pack}/onnx`)).sort().map((file) => readFile(`${pack}/onnx/${file}`)));
}

const modelName = (name: string): string => name.replaceAll(' ', '-');

describe.each(Object.keys(runs))('%s', (name) => {
  test('goes on after a stop to the very same files', async () => {
    const configOf = runs[name] ?? expect.fail();
    const [whole, stopped] = [path(`${modelName(name)}-whole`), path(`${modelName(name)}-stopped`)];
    const expected = await eventsOf(configOf(whole));
    expect(await stopAt(configOf(stopped), ({ type }) => type === 'checkpoint-end')).toBe('enough');
    const events = await eventsOf(configOf(stopped));
    expect(ofType(events, 'train-start')[0]).toMatchObject({ resumedFromStep: 2 });
    const steps = ofType(expected, 'step-end').map(({ loss }) => loss);
    expect(steps.length).toBeGreaterThan(3);
    expect(ofType(events, 'step-end').map(({ loss }) => loss)).toEqual(steps.slice(2));
    expect(metricsOf(events)).toEqual(metricsOf(expected));
    expect(await modelsOf(stopped)).toEqual(await modelsOf(whole));
    await expect(readdir(`${stopped}.training`)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

test.each([
  ['before its first step', (event: TrainEvent) => event.type === 'train-start'],
  ['while its pack is measured', (event: TrainEvent) => event.type === 'stage-start' && event.stage === 'evaluate'],
])('an aligner that is stopped %s goes on to the very same files', async (when, isTime) => {
  const out = path(`stopped-${modelName(when)}`);
  const config = alignerConfig(pairs, out, 'decoder', settings);
  expect(await stopAt(config, isTime)).toBe('enough');
  await eventsOf(config);
  expect(await modelsOf(out)).toEqual(await modelsOf(path('a-decoder-whole')));
  expect(await readdir(`${out}/onnx`)).toContain(alignerFiles.decoder[0]?.replace('onnx/', ''));
});

test('what another configuration left is refused, and thrown away by `restart`', async () => {
  const config = alignerConfig(pairs, path('other'), 'decoder', settings);
  await stopAt(config, ({ type }) => type === 'checkpoint-end');
  await expect(eventsOf({ ...config, seed: 2 })).rejects.toMatchObject({ code: 'training-failed', message: expect.stringContaining('`restart`') as string });
  const events = await eventsOf({ ...config, seed: 2, restart: true });
  expect(ofType(events, 'train-start')[0]).not.toHaveProperty('resumedFromStep');
});

test('records in memory are trained on in a thread, which goes on with the same ones', async () => {
  const { data: _file, ...request } = inspectorConfig(data, path('memory'), settings);
  // As a run in this thread would leave it that was killed.
  const file = await writeData(path('copy.jsonl'), politeRecords);
  await stopAt({ ...request, data: [file] }, ({ type }) => type === 'checkpoint-end');
  const { directory, metrics } = await trainPack(request, { records: politeRecords });
  expect(directory).toBe(path('memory'));
  expect(metrics).toHaveProperty(['auroc.polite']);
  expect(await modelsOf(directory)).toEqual(await modelsOf(path('an-inspector-from-random-weights-whole')));
});
