// What a fine-tune and its deltas reach on unseen texts: node ... quality.ts FOLDER RULE; prints JSON.
import { join } from 'node:path';
import { alignerTokenIds, createDeltaAligners, createPackAligner, layoutSource, layoutTarget, parseAlignerManifest } from '@align-squad/aligner';
import { collectCorrection, type Aligner } from '@align-squad/core';
import { applyDelta, createDelta, createSession, encodeDelta, float32, int64, loadPackTokenizer, openPack, readCacheShape, type Delta, type Pack, type RankGroup, type Tensor } from '@align-squad/onnx';
import { readModelFile, writeModel, type ModelProto } from '@align-squad/onnx/graph';
import type { Quality } from './deltas-bench.js';
import { makeRewrites, type Rewrite } from './toy.js';

const file = 'onnx/model.onnx';
const [exactTexts, lossTexts] = [12, 40] as const;
// The third and the fourth cost about the same.
const budgets: readonly (readonly RankGroup[])[] = [
  [{ bits: 8, rank: 1 }, { bits: 4, rank: 2 }, { bits: 2, rank: 5 }],
  [{ bits: 8, rank: 1 }, { bits: 4, rank: 3 }, { bits: 2, rank: 12 }],
  [{ bits: 8, rank: 2 }, { bits: 4, rank: 6 }, { bits: 2, rank: 24 }],
  [{ bits: 8, rank: 11 }],
  [{ bits: 8, rank: 128 }],
];

const [folder = '.', rule = '1'] = process.argv.slice(2);
const [base, tuned] = [await openPack(join(folder, 'base')), await openPack(join(folder, `rule-${rule}`))];
const unseen = makeRewrites(lossTexts, Number(rule), 9000 + Number(rule));
const criterion = `rule-${rule}`;

async function lossOf(model: ModelProto): Promise<number> {
  const tokenizer = await loadPackTokenizer(base, 'tokenizer.json');
  const special = alignerTokenIds(tokenizer);
  const { heads, headSize } = readCacheShape(await base.readJson('config.json'));
  await using session = await createSession(writeModel(model));
  let [sum, count] = [0, 0];
  for (const { response, correction } of unseen) {
    const source = layoutSource(tokenizer, special, { response }, { maxTokens: 128 }) ?? [];
    const target = layoutTarget(tokenizer, special, correction, { maxTokens: 128 }) ?? [];
    const ids = [...source, ...target];
    const inputs: Record<string, Tensor> = Object.fromEntries(session.inputNames.map((name) => [name, float32(new Float32Array(0), [1, heads, 0, headSize])]));
    Object.assign(inputs, { input_ids: int64(ids, [1, ids.length]), attention_mask: int64(ids.map(() => 1), [1, ids.length]), position_ids: int64(ids.map((_, at) => at), [1, ids.length]) });
    const { logits } = await session.run(inputs, ['logits']);
    const size = logits?.dims.at(-1) ?? 0;
    for (const [at, id] of target.entries()) {
      const row = Array.from(logits?.data.slice((source.length + at - 1) * size, (source.length + at) * size) ?? [], Number);
      const most = Math.max(...row);
      sum += Math.log(row.reduce((total, value) => total + Math.exp(value - most), 0)) + most - (row[id] ?? 0);
      count += 1;
    }
  }
  return sum / count;
}

async function exactOf(aligner: Aligner, asked: string, texts: readonly Rewrite[]): Promise<number> {
  let exact = 0;
  for (const { response, correction } of texts) {
    const result = await collectCorrection(aligner, { exchange: { response }, criterion: asked });
    if ((result.outcome === 'rewritten' ? result.response : response) === correction) exact += 1;
  }
  return exact / texts.length;
}

/** The pack with the float32 or the int8 form of its model. */
function running(pack: Pack, model: string): Pack {
  return { ...pack, manifest: { ...pack.manifest, aligner: { ...parseAlignerManifest(pack.manifest.aligner), model } } };
}

async function qualityOfPack(kept: string, pack: Pack, model: string, asked: string, bytes: number): Promise<Quality> {
  await using aligner = await createPackAligner(running(pack, model));
  return { kept, bytes, relativeError: 0, loss: await lossOf(await readModelFile(pack.path(model))), exact: await exactOf(aligner, asked, unseen.slice(0, exactTexts)) };
}

async function deltaOf(groups: readonly RankGroup[]): Promise<Delta> {
  for await (const event of createDelta({ base, tuned, groups })) if (event.type === 'end') return event.delta;
  throw new TypeError('no delta');
}

async function qualityOfDelta(groups: readonly RankGroup[], baseModel: ModelProto): Promise<Quality> {
  const delta = await deltaOf(groups);
  const [model] = delta.models;
  const matrices = model?.tensors.filter(({ form }) => form.kind === 'low-rank') ?? [];
  const made = await createDeltaAligners({ pack: base, deltas: [delta], int8: false, apply: 'load' });
  const [aligner] = made.aligners;
  const exact = aligner ? await exactOf(aligner, criterion, unseen.slice(0, exactTexts)) : 0;
  await made.dispose();
  return {
    kept: groups.map(({ bits, rank }) => `${bits}:${rank}`).join(','),
    bytes: encodeDelta(delta).length,
    loss: model ? await lossOf(applyDelta(baseModel, model)) : Number.NaN,
    exact,
    relativeError: matrices.reduce((sum, { relativeError }) => sum + relativeError, 0) / matrices.length,
  };
}

const bytesOf = (pack: Pack, name: string): number => pack.manifest.files[name]?.bytes ?? 0;
const baseModel = await readModelFile(base.path(file));
const quality = [
  await qualityOfPack('nothing: the base', base, file, 'rule-0', 0),
  await qualityOfPack('all, float32', tuned, file, criterion, bytesOf(tuned, file)),
  await qualityOfPack('all, int8', tuned, 'onnx/model_quantized.onnx', criterion, bytesOf(tuned, 'onnx/model_quantized.onnx')),
];
for (const groups of budgets) quality.push(await qualityOfDelta(groups, baseModel));
process.stdout.write(`${JSON.stringify({ texts: exactTexts, quality })}\n`);
