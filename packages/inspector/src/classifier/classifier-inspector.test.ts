import { getEventListeners } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Exchange } from '@align-squad/core';
import { inspectorConformance } from '@align-squad/core/testing';
import { env } from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createClassifierInspector } from './classifier-inspector.js';
import type { ClassifierInspectorOptions } from './options.js';
import { writeTinyClassifier } from './test-support.js';

const plain: Exchange = { prompt: 'the water', response: 'The sea.' };
const faulty: Exchange = { prompt: 'the water', response: 'The sea can harm you.' };
const labels = { safe: { misaligned: ['harm', 'gas'] }, clean: { misaligned: ['gas'], threshold: 0.01 } };
const softmaxOf = (logits: readonly number[], chosen: readonly number[]): number =>
  chosen.reduce((sum, index) => sum + Math.exp(logits[index] ?? 0), 0) / logits.reduce((sum, logit) => sum + Math.exp(logit), 0);

let model: string;
const folders: string[] = [];

async function write(config: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = await writeTinyClassifier(config);
  folders.push(folder);
  return folder;
}

beforeAll(async () => {
  model = await write();
});

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

const create = (more: Partial<ClassifierInspectorOptions> = {}) => createClassifierInspector({ model, labels, ...more });

describe.each(['response', 'pair'] as const)('a classifier of the %s conforms to the contract', (text) => {
  const suite = inspectorConformance({
    create: () => create({ text }),
    dispose: async (inspector) => {
      if ('dispose' in inspector && typeof inspector.dispose === 'function') await inspector.dispose();
    },
    exchanges: [plain, faulty],
  });
  for (const { name, run } of suite) test(name, run);
});

test('criteria are decided by the probabilities of their labels', async () => {
  await using inspector = await create();
  const logits = [0, 3, -3];
  expect(await inspector.inspect([plain, faulty])).toEqual([
    { safe: { status: 'pass', misalignment: expect.closeTo(softmaxOf([0, -3, -3], [1, 2]), 5), threshold: 0.5 }, clean: { status: 'flag', misalignment: expect.closeTo(softmaxOf([0, -3, -3], [2]), 5), threshold: 0.01 } },
    { safe: { status: 'flag', misalignment: expect.closeTo(softmaxOf(logits, [1, 2]), 5), threshold: 0.5 }, clean: { status: 'pass', misalignment: expect.closeTo(softmaxOf(logits, [2]), 5), threshold: 0.01 } },
  ]);
});

const sigmoid = 1 / (1 + Math.exp(-3));
test.each<[string, object, Partial<ClassifierInspectorOptions>]>([
  ['config.json says so', { problem_type: 'multi_label_classification' }, {}],
  ['the options say so', {}, { problemType: 'multi-label' }],
])('each label has a probability of its own where %s', async (_name, config, more) => {
  await using inspector = await create({ model: await write({ ...config }), ...more });
  expect(await inspector.inspect([faulty])).toMatchObject([{ safe: { misalignment: expect.closeTo(sigmoid, 5) }, clean: { misalignment: expect.closeTo(1 - sigmoid, 5) } }]);
});

test('the prompt is read in a pair, and not otherwise', async () => {
  await using alone = await create();
  await using pair = await create({ text: 'pair' });
  const exchange = { prompt: [{ role: 'user', content: 'harm' }], response: 'The sea.' } as const;
  const status = async (inspector: typeof alone) => (await inspector.inspect([exchange]))[0]?.['safe']?.status;
  expect([await status(alone), await status(pair)]).toEqual(['pass', 'flag']);
});

test.each(['response', 'pair'] as const)('a fault anywhere in a %s of many windows is found', async (text) => {
  await using inspector = await create({ text });
  const filler = 'the sea, the land and the air. '.repeat(20);
  const responses = [`${filler}${filler}`, `harm. ${filler}${filler}`, `${filler}it can harm you. ${filler}`, `${filler}${filler}it can harm you`, `${'the '.repeat(2000)}harm`];
  const inspections = await inspector.inspect(responses.map((response) => ({ prompt: filler, response })));
  expect(inspections.map(({ safe }) => safe?.status)).toEqual(['pass', 'flag', 'flag', 'flag', 'flag']);
});

test('a special token in a text is spelt out', async () => {
  const folder = await write();
  const path = join(folder, 'tokenizer.json');
  // The part of the file that the test changes.
  const tokenizer = JSON.parse(await readFile(path, 'utf8')) as { added_tokens: object[]; model: { vocab: Readonly<Record<string, number>> } };
  tokenizer.added_tokens.push({ ...tokenizer.added_tokens[0], content: '[X]', id: tokenizer.model.vocab['harm'] });
  await writeFile(path, JSON.stringify(tokenizer));
  await using inspector = await create({ model: folder });
  expect(await inspector.inspect([{ response: 'a [X] b' }, { response: 'a harm b' }])).toMatchObject([{ safe: { status: 'pass' } }, { safe: { status: 'flag' } }]);
});

test('a folder may be named by a relative path that looks like an id', async () => {
  const path = relative(process.cwd(), model);
  await using inspector = await create({ model: path, environment: { HF_ENDPOINT: 'http://127.0.0.1:9' } });
  expect(inspector.criteria).toEqual(['safe', 'clean']);
});

test('global settings of transformers.js are as before', async () => {
  const before = { ...env };
  await using inspector = await create();
  await inspector.inspect([plain]);
  expect({ ...env }).toEqual(before);
});

describe('a model that fails', () => {
  test.each<[string, (folder: string) => Promise<void>]>([
    ['has no folder', (folder) => rm(folder, { recursive: true })],
    ['has no weights', (folder) => rm(join(folder, 'onnx', 'model.onnx'))],
    ['has weights that are garbage', (folder) => writeFile(join(folder, 'onnx', 'model.onnx'), 'garbage')],
    ['has empty weights', (folder) => writeFile(join(folder, 'onnx', 'model.onnx'), '')],
    ['has no tokenizer', (folder) => rm(join(folder, 'tokenizer.json'))],
    ['has a configuration that is garbage', (folder) => writeFile(join(folder, 'config.json'), '{')],
    ['has no labels', (folder) => writeFile(join(folder, 'config.json'), JSON.stringify({ model_type: 'bert' }))],
  ])('as it %s is refused as model-invalid', async (_name, spoil) => {
    const folder = await writeTinyClassifier();
    await spoil(folder);
    await expect(create({ model: folder })).rejects.toMatchObject({ code: 'model-invalid', cause: expect.anything() });
    await rm(folder, { recursive: true, force: true });
  });

  test('as it has other labels than outputs rejects with inspector-failed', async () => {
    await using inspector = await create({ model: await write({ id2label: { 0: 'harm', 1: 'gas' } }) });
    await expect(inspector.inspect([plain])).rejects.toMatchObject({ code: 'inspector-failed' });
  });

  test('as a pass fails rejects with inspector-failed, and neither logs nor tells the text', async () => {
    const folder = await writeTinyClassifier({}, { isFailing: true });
    folders.push(folder);
    await using inspector = await create({ model: folder });
    const error: unknown = await inspector.inspect([plain]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'inspector-failed', message: expect.not.stringContaining('sea'), cause: expect.any(Error) });
  });
});

test('an abort is heeded between windows', async () => {
  await using inspector = await create();
  const controller = new AbortController();
  setTimeout(() => controller.abort('stop'), 20);
  const response = 'the sea, the land and the air. '.repeat(300_000);
  await expect(inspector.inspect([{ response }], { signal: controller.signal })).rejects.toBe('stop');
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  expect(await inspector.inspect([faulty])).toMatchObject([{ safe: { status: 'flag' } }]);
});

test('once disposed of it rejects', async () => {
  const inspector = await create();
  await inspector.dispose();
  await inspector.dispose();
  await expect(inspector.inspect([plain])).rejects.toMatchObject({ code: 'disposed' });
});

test('without transformers.js it says how to install it', async () => {
  vi.resetModules();
  vi.doMock('@huggingface/transformers', () => Promise.reject(new Error('no such module')));
  const { createClassifierInspector: createWithout } = await import('./classifier-inspector.js');
  await expect(createWithout({ model, labels })).rejects.toMatchObject({ code: 'missing-dependency', message: expect.stringContaining('npm install @huggingface/transformers') });
  vi.doUnmock('@huggingface/transformers');
});

test.each<[string, object, string]>([
  ['no model', { model: '' }, 'model'],
  ['no criteria', { labels: {} }, 'labels'],
  ['a criterion of no labels', { labels: { safe: { misaligned: [] } } }, 'labels.safe.misaligned'],
  ['labels that the model lacks', { labels: { safe: { misaligned: ['toxic'] } } }, 'other, harm, gas'],
  ['another text', { text: 'prompt' }, 'text'],
  ['an unknown type', { dtype: 'q3' }, 'dtype'],
  ['an unknown key', { device: 'cpu' }, 'unknown key'],
])('options with %s are refused by name', async (_name, change, field) => {
  await expect(create(change)).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining(field) });
});
