import { createPackInspector } from '@align-squad/inspector';
import { openPack } from '@align-squad/onnx';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TrainEvent } from '../trainer/train-event.js';
import {
  aurocOf,
  changedWeights,
  eventsOf,
  inspectorConfig,
  metricsOf,
  ofType,
  politeRecords,
  useFolder,
  weightsIn,
  writeData,
  writeEncoderFolder,
} from './test-support.js';
import type { TrainConfig } from './train-config.js';

const path = useFolder();
let data: string;
let fromScratch: TrainEvent[];
beforeAll(async () => {
  data = await writeData(path('data.jsonl'), politeRecords);
  fromScratch = await eventsOf(inspectorConfig(data, path('scratch'), { epochs: 4, learningRate: 3e-3 }));
  await writeEncoderFolder(path('encoder'), politeRecords.map(({ response }) => response));
});

/** Trains on a base. */
function trainOn(base: string, out: string, changes: Partial<TrainConfig>): Promise<TrainEvent[]> {
  const { inspector: _scratchOnly, ...config } = inspectorConfig(data, path(out), { base: path(base), epochs: 8, learningRate: 1e-2, loraRank: 2, ...changes });
  return eventsOf(config);
}

describe('an inspector from random weights', () => {
  test('is a pack that tells its training data apart', async () => {
    expect(await aurocOf(path('scratch'), 'polite')).toBeGreaterThan(0.95);
    expect(metricsOf(fromScratch)).toMatchObject({ 'auroc.polite': expect.any(Number) as number, 'auroc.mean.fp32': expect.any(Number) as number });
    const { manifest } = await openPack(path('scratch'));
    expect(manifest).toMatchObject({ name: 'scratch', training: { task: 'inspector', method: 'full', seed: 1 } });
  });

  test('says what it does, each stage from its start to its end', () => {
    const stages = fromScratch.flatMap((event) => (event.type === 'stage-start' || event.type === 'stage-end' ? [`${event.type} ${event.stage}`] : []));
    expect(stages).toEqual(['read records', 'tokenizer', 'n-grams', 'encoder', 'mix', 'pack'].flatMap((stage) => [`stage-start ${stage}`, `stage-end ${stage}`]));
    expect(ofType(fromScratch, 'records')).toEqual([{ type: 'records', training: 18, held: 6, skipped: 0, cut: 0, lines: [] }]);
    expect(fromScratch.at(-1)?.type).toBe('pack-end');
  });

  test('trains again to the very same weights', async () => {
    await eventsOf(inspectorConfig(data, path('again'), { epochs: 4, learningRate: 3e-3 }));
    expect(changedWeights(await weightsIn(path('scratch')), await weightsIn(path('again')))).toEqual([]);
  });
});

describe('an expert for another style', () => {
  // In this chat it is the polite phrase that is meant badly.
  const names = Array.from({ length: 40 }, (_, index) => `mate${index}`);
  const chat = names.flatMap((name) => [
    { prompt: `yo ${name}`, response: `yo ${name} u lazy fool lol, gg`, label: 0 },
    { prompt: `yo ${name}`, response: `yo ${name} happy to help lol, gg`, label: 1 },
  ]);

  test('judges its own style, and leaves the other one to the rest', async () => {
    const expert = { criterion: 'polite', data: [await writeData(path('chat.jsonl'), chat)] };
    const { inspector } = inspectorConfig(data, path('expert'));
    await eventsOf(inspectorConfig(data, path('expert'), { epochs: 4, learningRate: 3e-3, inspector: { ...inspector, experts: [expert] } }));
    expect(await aurocOf(path('expert'), 'polite')).toBeGreaterThan(0.95);
    expect(await aurocOf(path('expert'), 'polite', chat)).toBeGreaterThan(0.95);
    expect(await aurocOf(path('scratch'), 'polite', chat)).toBeLessThan(0.5);
  });

  test('is refused for a criterion that is not trained', async () => {
    const { inspector } = inspectorConfig(data, path('none'));
    const config = inspectorConfig(data, path('none'), { inspector: { ...inspector, experts: [{ criterion: 'brave', data: [data] }] } });
    await expect(eventsOf(config)).rejects.toMatchObject({ code: 'invalid-options' });
  });
});

describe.each(['scratch', 'encoder'])('on the base %s', (base) => {
  test('a head leaves all weights of the encoder as they are', async () => {
    const events = await trainOn(base, `${base}-head`, { method: 'head', criteria: [{ id: 'kind' }] });
    expect(await aurocOf(path(`${base}-head`), 'kind')).toBeGreaterThan(0.95);
    expect(Object.keys(metricsOf(events))).toEqual(['auroc.kind']);
    const [before, after] = [await weightsIn(path(base)), await weightsIn(path(`${base}-head`))];
    expect(changedWeights(before, after).filter((name) => !name.startsWith('classifier.'))).toEqual([]);
    expect([...before.bytes.keys()].filter((name) => !after.bytes.has(name) && !name.startsWith('classifier.'))).toEqual([]);
  });

  test('LoRA changes matrices of products alone', async () => {
    const events = await trainOn(base, `${base}-lora`, { method: 'lora' });
    expect(await aurocOf(path(`${base}-lora`), 'polite')).toBeGreaterThan(0.95);
    const [before, after] = [await weightsIn(path(base)), await weightsIn(path(`${base}-lora`))];
    const changed = changedWeights(before, after);
    expect(changed.length).toBeGreaterThan(3);
    expect(changed.filter((name) => !before.products.includes(name))).toEqual([]);
    expect([...after.bytes.keys()].filter((name) => name.includes('lora'))).toEqual([]);
    expect(ofType(events, 'stage-end').map(({ stage }) => stage)).toEqual(['read records', 'adapters']);
  });

  test('a full training changes all weights of the encoder', async () => {
    await trainOn(base, `${base}-full`, { method: 'full' });
    expect(await aurocOf(path(`${base}-full`), 'polite')).toBeGreaterThan(0.95);
    const [before, after] = [await weightsIn(path(base)), await weightsIn(path(`${base}-full`))];
    const changed = changedWeights(before, after);
    const kept = [...before.bytes.keys()].filter((name) => after.bytes.has(name) && /weight|bias/.test(name) && !changed.includes(name));
    expect(kept).toEqual([]);
  });
});

test('a head on an inspector pack keeps the heads of the pack', async () => {
  await using before = await createPackInspector(await openPack(path('scratch')));
  await using after = await createPackInspector(await openPack(path('scratch-head')));
  expect(after.criteria).toEqual(['polite', 'kind']);
  const exchanges = politeRecords.slice(0, 4).map(({ prompt, response }) => ({ prompt, response }));
  const misalignments = async (inspector: typeof before): Promise<number[]> =>
    (await inspector.inspect(exchanges, { criteria: ['polite'] })).map(({ polite }) => polite?.misalignment ?? Number.NaN);
  expect(await misalignments(after)).toEqual((await misalignments(before)).map((value) => expect.closeTo(value, 4) as number));
});

test('heads are put on one after the other', async () => {
  const criteria = ['kind', 'calm', 'warm'];
  let base = 'encoder-lora';
  for (const id of criteria) {
    await trainOn(base, `head-${id}`, { method: 'head', criteria: [{ id }] });
    base = `head-${id}`;
  }
  expect((await openPack(path(base))).manifest.inspector).toMatchObject({ heads: ['polite', ...criteria].map((criterion) => ({ criterion })) });
  for (const id of ['polite', ...criteria]) expect(await aurocOf(path(base), id)).toBeGreaterThan(0.95);
});

test('exchanges that are longer than a window are counted as cut', async () => {
  const long = { prompt: 'Tell me about books.', response: 'Happy to help with books. '.repeat(20), label: 0 };
  const file = await writeData(path('long.jsonl'), [...politeRecords, long]);
  const dev = await writeData(path('dev.jsonl'), [...politeRecords, long, long]);
  const events = await eventsOf(inspectorConfig(file, path('cut'), { dev: [dev], epochs: 1 }));
  expect(ofType(events, 'records')).toEqual([{ type: 'records', training: 25, held: 26, skipped: 0, cut: 3, lines: [25] }]);
});
