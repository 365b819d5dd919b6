import { cp, rm, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { alignerConfig, corrections, eventsOf, inspectorConfig, ofType, politeRecords, useFolder, writeData, writeEncoderFolder } from './test-support.js';
import type { TrainConfig } from './train-config.js';

const path = useFolder();
let data: string;
let pairs: string;
beforeAll(async () => {
  data = await writeData(path('data.jsonl'), politeRecords);
  pairs = await writeData(path('pairs.jsonl'), corrections);
  await writeEncoderFolder(path('encoder'), texts, { width: 32 });
  await eventsOf({ ...inspectorConfig(data, path('small')), base: path('encoder'), pack: { fp32: false } });
  await eventsOf(alignerConfig(pairs, path('decoder'), 'decoder', { epochs: 1 }));
});

const texts = politeRecords.map(({ response }) => response);
const secret = 'a text that belongs to the user';
const failure = (code: string, message: RegExp): object => ({ code, message: expect.stringMatching(message) as string });
const inspector = (file: string, changes: Partial<TrainConfig> = {}): object => ({ ...inspectorConfig(file, path('out')), ...changes });
const aligner = (file: string, changes: Partial<TrainConfig> = {}): object => ({ ...alignerConfig(file, path('out'), 'decoder'), ...changes });

describe('records that are refused', () => {
  test.each([
    ['a line that is no JSON', `{"response":"a","label":1}\n{"response":"${secret}`, /^Expected bad\.jsonl line 2 to be JSON\.$/],
    ['an empty file', '\n\n', /^Expected records in bad\.jsonl, got none\.$/],
    ['one class only', '{"response":"a","label":1}\n{"response":"b","label":1}', /`polite` in bad\.jsonl, got only misaligned ones/],
    ['a label out of range', '{"response":"a","label":1}\n{"response":"b","label":1.5}', /bad\.jsonl line 2 .*label/],
    ['a criterion that is not trained', '{"response":"a","labels":{"kind":1}}', /bad\.jsonl line 1 to name criteria that are trained: polite/],
    ['a field that is missing', `{"prompt":"${secret}","label":1}`, /bad\.jsonl line 1 .*response/],
  ])('of an inspector: %s', async (_what, lines, message) => {
    await writeFile(path('bad.jsonl'), lines);
    const run = eventsOf(inspector(path('bad.jsonl')));
    await expect(run).rejects.toMatchObject(failure('invalid-dataset', message));
    await expect(run).rejects.not.toMatchObject({ message: expect.stringContaining(secret) as string });
  });

  test.each([
    ['a line that is no JSON', `{"response":"a","correction":"b"}\n${secret}`, /^Expected bad\.jsonl line 2 to be JSON\.$/],
    ['an empty file', '', /^Expected records in bad\.jsonl, got none\.$/],
    ['a correction that is missing', `{"response":"${secret}"}`, /bad\.jsonl line 1 .*correction/],
    ['one prompt only', '{"prompt":"a","response":"a","correction":"b"}', /at least two prompts/],
  ])('of an aligner: %s', async (_what, lines, message) => {
    await writeFile(path('bad.jsonl'), lines);
    await expect(eventsOf(aligner(path('bad.jsonl')))).rejects.toMatchObject(failure('invalid-dataset', message));
  });

  test('no file', async () => {
    await expect(eventsOf(inspector(path('none.jsonl')))).rejects.toMatchObject(failure('invalid-options', /none\.jsonl could not be read/));
  });

  test('a class that is held out whole', async () => {
    const dev = await writeData(path('dev.jsonl'), politeRecords);
    const held = politeRecords.map(({ label, ...record }) => ({ ...record, label: record.prompt.includes('tea') ? label : 0 }));
    const file = await writeData(path('held.jsonl'), held);
    await expect(eventsOf(inspector(file, { devShare: 0.05, seed: 3 }))).rejects.toMatchObject(failure('invalid-dataset', /both labels of `polite` to (train on|hold out), got one label only.*`devShare`/));
    await expect(eventsOf(inspector(file, { dev: [dev], epochs: 1 }))).resolves.toBeDefined();
  });
});

describe('records that do not fit', () => {
  const long = { prompt: 'And books?', response: 'I like books dear fool indeed. '.repeat(20), correction: 'I like books indeed.' };

  test.each(['decoder', 'encoder-decoder'] as const)('are left out and counted: %s', async (design) => {
    const file = await writeData(path('long.jsonl'), [long, ...corrections, { ...long, prompt: 'Books?' }]);
    const events = await eventsOf(alignerConfig(file, path(`long-${design}`), design, { dev: [file], epochs: 1 }));
    expect(ofType(events, 'records')).toEqual([{ type: 'records', training: 12, held: 12, skipped: 4, cut: 0, lines: [1, 14] }]);
  });

  test('are left out and counted where no tags lead to the correction', async () => {
    const file = await writeData(path('phrases.jsonl'), [...corrections, { prompt: 'Books?', response: 'No.', correction: 'Yes, I like books.' }]);
    const config = alignerConfig(file, path('phrases'), 'edit-tagger', { dev: [pairs], epochs: 1, aligner: { shape: { width: 16, layers: 1, attentionHeads: 2, vocabularySize: 300, phrases: 0 } } });
    expect(ofType(await eventsOf(config), 'records')).toEqual([{ type: 'records', training: 12, held: 12, skipped: 1, cut: 0, lines: [13] }]);
  });

  test('are refused where they are all', async () => {
    const file = await writeData(path('all-long.jsonl'), [long, { ...long, prompt: 'Books?' }]);
    await expect(eventsOf(aligner(file))).rejects.toMatchObject(failure('invalid-dataset', /^None of 1 records to use fits the model: .*`maxTokens`/));
  });
});

describe('a base that is refused', () => {
  const onBase = (base: string, changes: Partial<TrainConfig>): object => ({ ...inspectorConfig(data, path('out')), base: path(base), ...changes });

  test.each(['lora', 'full'] as const)('a quantised inspector, by %s', async (method) => {
    await expect(eventsOf(onBase('small', { method }))).rejects.toMatchObject(failure('model-invalid', /quantised.*float32 file.*onnx\/model\.onnx/));
  });

  test('but a head is trained on a quantised one', async () => {
    await expect(eventsOf(onBase('small', { method: 'head', criteria: [{ id: 'kind' }], out: path('small-head') }))).resolves.toBeDefined();
  });

  test('a quantised aligner', async () => {
    await cp(path('decoder'), path('small-decoder'), { recursive: true });
    await Promise.all(['pack.json', 'onnx/model.onnx'].map((file) => rm(path(`small-decoder/${file}`))));
    await expect(eventsOf(aligner(pairs, { base: path('small-decoder') }))).rejects.toMatchObject(failure('model-invalid', /quantised.*float32 file/));
  });

  test.each(['head', 'lora', 'full'] as const)('one whose external data is missing, by %s', async (method) => {
    const folder = `external-${method}`;
    await writeEncoderFolder(path(folder), texts, { externalDataFrom: 1 });
    await rm(path(`${folder}/onnx/model.onnx_data`));
    await expect(eventsOf(onBase(folder, { method }))).rejects.toMatchObject(failure('model-invalid', /model\.onnx_data/));
  });

  test('a folder without a tokenizer', async () => {
    await expect(eventsOf(onBase('nowhere', { method: 'full' }))).rejects.toMatchObject(failure('pack-not-found', /tokenizer\.json/));
  });

  test('a pack of another design', async () => {
    const config = aligner(pairs, { base: path('decoder'), aligner: { design: 'edit-tagger' } });
    await expect(eventsOf(config)).rejects.toMatchObject(failure('invalid-options', /design decoder, not edit-tagger/));
  });

  test('a pack without an aligner', async () => {
    await expect(eventsOf(aligner(pairs, { base: path('encoder'), aligner: { design: 'edit-tagger' } }))).rejects.toMatchObject(failure('pack-invalid', /phrases/));
  });
});

test('a refused training does not stand in the way of the next one', async () => {
  const config = aligner(pairs, { base: path('decoder'), out: path('next'), epochs: 1 });
  await expect(eventsOf({ ...config, aligner: { design: 'edit-tagger' } })).rejects.toMatchObject({ code: 'invalid-options' });
  await expect(eventsOf({ ...config, aligner: {} })).resolves.toBeDefined();
});
