import { cp, rm } from 'node:fs/promises';
import { createPackAligner } from '@align-squad/aligner';
import { collectCorrection, type Correction } from '@align-squad/core';
import { openPack } from '@align-squad/onnx';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TrainEvent } from '../trainer/train-event.js';
import { alignerFiles } from './aligner-network.js';
import type { AlignerDesign } from './aligner-settings.js';
import { alignerConfig, changedWeights, corrections, eventsOf, metricsOf, ofType, useFolder, weightsIn, writeData } from './test-support.js';
import type { TrainConfig } from './train-config.js';

const path = useFolder();
const designs = ['decoder', 'encoder-decoder', 'edit-tagger'] as const;
const made = new Map<AlignerDesign, TrainEvent[]>();
let data: string;
beforeAll(async () => {
  data = await writeData(path('data.jsonl'), corrections);
  const settings = { dev: [data], epochs: 30, learningRate: 2e-2, batchTokens: 128 };
  for (const design of designs) made.set(design, await eventsOf(alignerConfig(data, path(design), design, settings)));
});

/** What a pack makes of the first response. */
async function rewriteOf(pack: string): Promise<Correction> {
  await using aligner = await createPackAligner(await openPack(pack));
  const [{ prompt, response } = { prompt: '', response: '' }] = corrections;
  return await collectCorrection(aligner, { exchange: { prompt, response }, criterion: 'polite' });
}

/** Trains on the pack of a design, and names the weights that are other ones then, file by file. */
async function trainOn(design: AlignerDesign, out: string, changes: Partial<TrainConfig>): Promise<{ events: TrainEvent[]; changed: string[]; kept: string[]; products: string[] }> {
  const { aligner: _scratchOnly, ...config } = alignerConfig(data, path(out), design, { base: path(design), epochs: 2, loraRank: 2, ...changes });
  const events = await eventsOf(config);
  const files = await Promise.all(alignerFiles[design].map(async (file) => {
    const [before, after] = [await weightsIn(path(design), file), await weightsIn(path(out), file)];
    expect([...after.bytes.keys()]).toEqual([...before.bytes.keys()]);
    const changed = changedWeights(before, after);
    return { changed, kept: [...before.bytes.keys()].filter((name) => /weight|bias/.test(name) && !changed.includes(name)), products: before.products };
  }));
  return { events, changed: files.flatMap(({ changed }) => changed), kept: files.flatMap(({ kept }) => kept), products: files.flatMap(({ products }) => products) };
}

describe.each(designs)('the design %s', (design) => {
  test('is a pack from random weights that runs', async () => {
    const events = made.get(design) ?? [];
    const losses = ofType(events, 'evaluation-end').map(({ metrics }) => metrics['loss'] ?? Number.NaN);
    expect(Math.min(...losses)).toBeLessThan((losses[0] ?? 0) / 5);
    expect(await rewriteOf(path(design))).toEqual({ outcome: 'rewritten', response: expect.stringMatching(/^I like \w+ indeed\.$/) as string });
    expect(metricsOf(events)).toMatchObject({ 'held.loss': expect.any(Number) as number, 'rewrites.exact': expect.any(Number) as number });
    expect(ofType(events, 'records')).toEqual([{ type: 'records', training: 12, held: 12, skipped: 0, cut: 0, lines: [] }]);
  });

  test('is trained on by LoRA, which changes matrices of products alone', async () => {
    const { events, changed, products } = await trainOn(design, `${design}-lora`, { learningRate: 1e-2 });
    expect((await openPack(path(`${design}-lora`))).manifest).toMatchObject({ training: { method: 'lora' } });
    expect(changed.length).toBeGreaterThan(3);
    expect(changed.filter((name) => !products.includes(name))).toEqual([]);
    expect(metricsOf(events)).toHaveProperty(['held.loss']);
    expect(await rewriteOf(path(`${design}-lora`))).toHaveProperty('outcome');
  });

  test('is trained on in full', async () => {
    const { kept } = await trainOn(design, `${design}-full`, { method: 'full' });
    expect(kept).toEqual([]);
    expect(await rewriteOf(path(`${design}-full`))).toHaveProperty('outcome');
  });
});

test('a decoder of another maker is trained on, with the tokens that its tokenizer names', async () => {
  await cp(path('decoder'), path('folder'), { recursive: true });
  await rm(path('folder/pack.json'));
  const { aligner: _scratchOnly, ...config } = alignerConfig(data, path('from-folder'), 'decoder', { base: path('folder'), epochs: 1 });
  await eventsOf(config);
  expect((await openPack(path('from-folder'))).manifest.aligner).toMatchObject({ design: 'decoder', maxTokens: 64, tokens: { start: '[BOS]', done: '[DONE]', pad: '[PAD]' } });
  expect(await rewriteOf(path('from-folder'))).toMatchObject({ outcome: 'rewritten' });
});
