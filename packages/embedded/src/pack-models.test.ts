import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { alignerTokens } from '@align-squad/aligner';
import { collectCorrection } from '@align-squad/core';
import { writePackManifest } from '@align-squad/onnx';
import { trainByteLevelBpe } from '@align-squad/train';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTinyPack, tinyFiles, tinySections, type TinyPack } from '../../../tests/support/tiny-pack.js';
import { copyDecoder } from '../../onnx/src/decoding/test-support.js';
import { createSquad } from './create-squad.js';
import { loadPackModels } from './pack-models.js';

const names = { schemaVersion: 1, name: 'test-pack', version: '0.0.1', language: 'en', license: 'Apache-2.0' } as const;
const folders: string[] = [];
let tiny: TinyPack;

beforeAll(async () => {
  tiny = await createTinyPack();
});

afterAll(async () => {
  await tiny.remove();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pack-models-'));
  folders.push(folder);
  return folder;
}

/** The files of the tiny pack under a manifest with these sections only. */
async function tinyWith(sections: Partial<typeof tinySections>): Promise<string> {
  const folder = await newFolder();
  for (const file of Object.values(tinyFiles)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await copyFile(join(tiny.directory, file), join(folder, file));
  }
  await writePackManifest(folder, { ...names, ...sections }, Object.values(tinyFiles));
  return folder;
}

/** A pack with nothing but a decoder, which turns each `!` into `.`. */
async function decoderPack(): Promise<string> {
  const folder = await newFolder();
  const specialTokens = Object.values(alignerTokens);
  const idOf = (name: string): number => specialTokens.indexOf(name as (typeof specialTokens)[number]);
  const tokenizer = trainByteLevelBpe(['a'], { vocabularySize: specialTokens.length + 256, specialTokens, lowercase: false }) as { model: { vocab: Record<string, number> } };
  const [shout = -1, calm = -1] = ['!', '.'].map((character) => tokenizer.model.vocab[character]);
  const { init, aligned, done } = alignerTokens;
  const model = copyDecoder({
    vocabularySize: specialTokens.length + 256, init: idOf(init), aligned: idOf(aligned), done: idOf(done), next: (id) => (id === shout ? calm : id),
  });
  await writeFile(join(folder, 'model.onnx'), model);
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(join(folder, 'config.json'), JSON.stringify({ num_attention_heads: 1, hidden_size: 1 }));
  const aligner = { design: 'decoder', criteria: ['ethical'], model: 'model.onnx', tokenizer: 'tokenizer.json', maxTokens: 256 };
  await writePackManifest(folder, { ...names, aligner }, ['model.onnx', 'tokenizer.json', 'config.json']);
  return folder;
}

test('a pack gives the inspector and the aligner that it holds', async () => {
  const models = await loadPackModels(tiny.directory);
  expect([models.inspectors.length, models.aligners.length]).toEqual([1, 1]);
  await models.dispose();
  await expect(models.inspectors[0]?.inspect([{ response: 'It is.' }])).rejects.toMatchObject({ code: 'disposed' });
});

test('a pack may hold an inspector alone', async () => {
  const models = await loadPackModels(await tinyWith({ inspector: tinySections.inspector }));
  expect([models.inspectors.length, models.aligners.length]).toEqual([1, 0]);
  await models.dispose();
});

test('a pack may hold a decoder alone', async () => {
  const { inspectors, aligners, dispose } = await loadPackModels(await decoderPack());
  const [aligner] = aligners;
  expect([inspectors.length, aligners.length]).toEqual([0, 1]);
  expect(aligner && (await collectCorrection(aligner, { exchange: { response: 'Oh!' }, criterion: 'ethical' }))).toEqual({
    outcome: 'rewritten',
    response: 'Oh.',
  });
  await dispose();
});

test('the decoder of one pack mends what the inspector of another flags', async () => {
  await using squad = await createSquad({ pack: [await decoderPack(), tiny.directory], maxAttempts: 2 });
  const result = await squad.align('The people are awful! It is good!');
  expect(result.steps.map(({ aligner }) => aligner.split('+')[0])).toEqual(['test-pack@0.0.1', 'tiny-pack@0.0.1']);
  expect(result.steps[0]?.diff.some(({ type }) => type !== 'same')).toBe(true);
});

test('an aligner that edits sentences is refused without the inspector that it needs', async () => {
  const folder = await tinyWith({ aligner: tinySections.aligner });
  await expect(loadPackModels(folder)).rejects.toMatchObject({ code: 'pack-invalid', message: expect.stringContaining('inspector') });
});

test('a pack whose aligner is broken is refused', async () => {
  const folder = await tinyWith({ ...tinySections, aligner: { ...tinySections.aligner, width: 7 } });
  await expect(loadPackModels(folder)).rejects.toMatchObject({ code: 'pack-invalid' });
});
