import type { Exchange } from '@align-squad/core';
import { inspectorConformance } from '@align-squad/core/testing';
import { createSessionPool, type OnnxSession } from '@align-squad/onnx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTinyPack, type TinyPack } from '../../../../tests/support/tiny-pack.js';
import { createPackInspector, type PackInspector, type PackInspectorOptions } from './pack-inspector.js';

const plain: Exchange = { prompt: 'What do you say?', context: 'The rain falls.', response: 'The rain falls. The sun shines.' };
const faulty: Exchange = { ...plain, response: 'The rain falls. The people are awful.' };
const long: Exchange = { ...plain, response: `${'The rain falls, and the sun shines. '.repeat(60)}The people are awful.` };

let tiny: TinyPack;
let inspector: PackInspector;
let here: PackInspector;

beforeAll(async () => {
  tiny = await createTinyPack();
  inspector = await createPackInspector(tiny.pack, { workers: 2 });
  here = await createPackInspector(tiny.pack);
});

afterAll(async () => {
  await inspector.dispose();
  await here.dispose();
  await tiny.remove();
});

/** Counts the passes that are under way in a pool. */
function watchPool(workers: number): { options: PackInspectorOptions; passes: { all: number; underWay: number; peak: number } } {
  const passes = { all: 0, underWay: 0, peak: 0 };
  const create = async (model: string): Promise<OnnxSession> => {
    const pool = await createSessionPool(model, { workers });
    const run: OnnxSession['run'] = async (...call) => {
      passes.all += 1;
      passes.peak = Math.max(passes.peak, (passes.underWay += 1));
      return pool.run(...call).finally(() => (passes.underWay -= 1));
    };
    return { ...pool, run };
  };
  return { options: { workers, createSession: create }, passes };
}

describe('on worker threads it conforms to the contract', () => {
  const suite = inspectorConformance({ create: () => inspector, exchanges: [plain, faulty], needsContext: ['factual'] });
  for (const { name, run } of suite) test(name, run);
});

test('an exchange has the score of this thread, alone, in a batch and among other callers', async () => {
  const exchanges = [plain, faulty, long, { response: 'It is vague.' }];
  const expected = await here.inspect(exchanges);
  const alone = await Promise.all(exchanges.map((exchange) => inspector.inspect([exchange])));
  const batch = await inspector.inspect(exchanges);
  for (const [index, inspection] of expected.entries()) {
    for (const [criterion, { status, misalignment }] of Object.entries(inspection)) {
      for (const verdict of [alone[index]?.[0]?.[criterion], batch[index]?.[criterion]]) {
        expect(verdict?.status).toBe(status);
        expect(Math.abs((verdict?.misalignment ?? 2) - misalignment)).toBeLessThanOrEqual(1e-5);
      }
    }
  }
});

test('callers share the threads: a pass an exchange for all criteria, and each caller waits for its own', async () => {
  const { options, passes } = watchPool(2);
  await using watched = await createPackInspector(tiny.pack, options);
  const order: number[] = [];
  await Promise.all(Array.from({ length: 20 }, (_, caller) => watched.inspect([plain]).then(() => order.push(caller))));
  expect(passes.all).toBe(20);
  expect(order.slice(0, 10).every((caller) => caller < 15)).toBe(true);
});

test('a long response and a batch have no more passes under way than there are threads to each', async () => {
  const { options, passes } = watchPool(2);
  await using watched = await createPackInspector(tiny.pack, options);
  await watched.inspect([long]);
  expect(passes.peak).toBe(2);
  await watched.inspect(Array<Exchange>(9).fill(plain));
  expect(passes.peak).toBe(2);
});

test('an abort ends an inspection that waits behind others', async () => {
  await using single = await createPackInspector(tiny.pack, { workers: 1 });
  const stop = new AbortController();
  const others = Promise.all(Array.from({ length: 10 }, () => single.inspect([long])));
  const last = single.inspect([plain], { signal: stop.signal });
  stop.abort('enough');
  await expect(last).rejects.toBe('enough');
  expect(await others).toHaveLength(10);
});

test.each([
  ['a negative number of workers', { workers: -1 }],
  ['no threads', { threads: 0 }],
  ['an unknown option', { surprise: 1 }],
])('%s is refused', async (_name, options) => {
  await expect(createPackInspector(tiny.pack, options as PackInspectorOptions)).rejects.toMatchObject({ code: 'invalid-options' });
});

test('a broken encoder is refused as on the calling thread', async () => {
  const section = { ...tiny.pack.manifest.inspector, model: 'onnx/embedder.onnx' };
  const pack = { ...tiny.pack, manifest: { ...tiny.pack.manifest, inspector: section } };
  await expect(createPackInspector(pack, { workers: 1 })).rejects.toMatchObject({ code: 'pack-invalid' });
});

test('once disposed it rejects with `disposed`', async () => {
  const short = await createPackInspector(tiny.pack, { workers: 1 });
  await short.dispose();
  await expect(short.inspect([plain])).rejects.toMatchObject({ code: 'disposed' });
});
