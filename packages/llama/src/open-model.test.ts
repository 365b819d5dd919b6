import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fakeBinding } from './doubles/test-support.js';
import { loadLlamaBinding, type LlamaBinding } from './llama-binding.js';
import { createGeneratorOver, createLlamaGenerator } from './llama-generator.js';
import { tellingModel } from './test-support.js';

const isInstalled = await loadLlamaBinding().then(() => true, () => false);
const load = async (): Promise<LlamaBinding> => fakeBinding({ next: () => 97 });
let folder = '';
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'llama-'));
  await writeFile(path('telling.gguf'), tellingModel('a', 62));
  await writeFile(path('text.gguf'), 'no model');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each<[string, object]>([
  ['no file', { modelPath: '' }],
  ['a context of no tokens', { contextSize: 0 }],
  ['an unheard-of layout', { layout: 'alpaca' }],
  ['a probability above 1', { topP: 2 }],
  ['an unknown option', { temperature: 1 }],
])('options with %s are refused', async (_, change) => {
  await expect(createGeneratorOver(load, { modelPath: path('telling.gguf'), ...change })).rejects.toMatchObject({ code: 'invalid-options' });
});

test.each([
  ['nowhere.gguf', /nowhere\.gguf could not be read/],
  ['', /could not be read/],
  ['text.gguf', /text\.gguf is no GGUF file/],
])('the file %j is refused by its name', async (name, message) => {
  await expect(createGeneratorOver(load, { modelPath: path(name) })).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringMatching(message) });
});

test.skipIf(isInstalled)('a missing library is named with its command', async () => {
  await expect(createLlamaGenerator({ modelPath: path('telling.gguf') })).rejects.toMatchObject({ code: 'missing-dependency', message: expect.stringContaining('npm install node-llama-cpp@3') });
});
