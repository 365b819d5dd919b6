import { collectCorrection, type Aligner, type Correction } from '@align-squad/core';
import { alignerConformance } from '@align-squad/core/testing';
import { decodeDelta, encodeDelta, type Delta, type Pack } from '@align-squad/onnx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { calm, removeTestPacks, shouting } from '../designs/test-support.js';
import { createDeltaAligners, type DeltaAligners, type DeltaAlignersOptions } from './delta-aligners.js';
import { deltaOf, markPack, type DeltaDesign } from './test-support.js';

afterAll(removeTestPacks);

const asked = calm.replaceAll('.', '?');
const rewritten = (response: string): Correction => ({ outcome: 'rewritten', response });

function correct(aligner: Aligner | undefined, criterion: string, signal?: AbortSignal): Promise<Correction> {
  if (aligner === undefined) throw new TypeError('no aligner');
  return collectCorrection(aligner, { ...shouting, criterion }, { signal });
}

describe.each<DeltaDesign>(['decoder', 'encoder-decoder'])('of the design %s', (design) => {
  let pack: Pack;
  let deltas: Delta[];

  beforeAll(async () => {
    pack = await markPack(design, '!');
    const tuned = await Promise.all([markPack(design, '.'), markPack(design, '?', { criteria: ['helpful', 'factual'] })]);
    // As they come from files.
    deltas = await Promise.all(tuned.map(async (each) => decodeDelta(encodeDelta(await deltaOf(pack, each)))));
  });

  describe.each<[string, Partial<DeltaAlignersOptions>]>([
    ['added to each request', { apply: 'request' }],
    ['added to each request of a base in int8', { apply: 'request', int8: true }],
    ['added to each request, one of them unpacked', { apply: 'request', cached: 1 }],
    ['added on load', { apply: 'load' }],
    ['added on load, in int8', { apply: 'load', int8: true }],
  ])('deltas that are %s', (_how, options) => {
    let made: DeltaAligners;
    beforeAll(async () => {
      made = await createDeltaAligners({ pack, deltas, ...options });
    });
    afterAll(() => made.dispose());

    test('rewrite as the fine-tunes do, for the criteria of those', async () => {
      expect(made.aligners.map(({ criteria }) => criteria)).toEqual([['ethical'], ['helpful', 'factual']]);
      expect(await correct(made.aligners[0], 'ethical')).toEqual(rewritten(calm));
      expect(await correct(made.aligners[1], 'factual')).toEqual(rewritten(asked));
    });

    test('never mix when they rewrite at once', async () => {
      const order = [0, 1, 1, 0, 1, 0];
      const results = await Promise.all(order.map((index) => correct(made.aligners[index], index === 0 ? 'ethical' : 'helpful')));
      expect(results).toEqual(order.map((index) => rewritten(index === 0 ? calm : asked)));
    });
  });

  describe('conforms to the contract', () => {
    let made: DeltaAligners;
    beforeAll(async () => {
      made = await createDeltaAligners({ pack, deltas });
    });
    afterAll(() => made.dispose());
    const create = (): Aligner => {
      const [first] = made.aligners;
      if (first === undefined) throw new TypeError('no aligner');
      return first;
    };
    for (const { name, run } of alignerConformance({ create, requests: [shouting] })) test(name, run);
  });

  test('an abort ends one that waits with its reason, and the others go on', async () => {
    await using made = await createDeltaAligners({ pack, deltas });
    const stop = new AbortController();
    const first = correct(made.aligners[0], 'ethical');
    const waiting = correct(made.aligners[1], 'helpful', stop.signal);
    const last = correct(made.aligners[1], 'helpful');
    stop.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    expect(await Promise.all([first, last])).toEqual([rewritten(calm), rewritten(asked)]);
  });

  test('an abort while it decodes ends it, and its turn', async () => {
    await using made = await createDeltaAligners({ pack, deltas });
    const stop = new AbortController();
    const first = correct(made.aligners[0], 'ethical', stop.signal);
    setImmediate(() => setImmediate(() => stop.abort('enough')));
    await expect(first).rejects.toBe('enough');
    expect(await correct(made.aligners[1], 'helpful')).toEqual(rewritten(asked));
  });

  test('one that was disposed rejects, and the others go on until all are', async () => {
    const made = await createDeltaAligners({ pack, deltas });
    await made.aligners[0]?.dispose();
    await expect(correct(made.aligners[0], 'ethical')).rejects.toMatchObject({ code: 'disposed' });
    expect(await correct(made.aligners[1], 'helpful')).toEqual(rewritten(asked));
    await made.dispose();
    await expect(correct(made.aligners[1], 'helpful')).rejects.toMatchObject({ code: 'disposed' });
  });

  test('each has a version of its own', async () => {
    const [first] = deltas;
    const smaller = await deltaOf(pack, await markPack(design, '.'), { groups: [{ rank: 1, bits: 4 }] });
    await using made = await createDeltaAligners({ pack, deltas: first ? [first, smaller, ...deltas.slice(1)] : [] });
    const versions = made.aligners.map(({ version }) => version);
    expect(new Set(versions).size).toBe(3);
    expect(versions[0]).toMatch(/^test-pack@0\.0\.1\+delta\.[0-9a-f]{12}$/);
  });

  test('a delta of another base is refused', async () => {
    const other = await markPack(design, ';');
    for (const apply of ['request', 'load'] as const) {
      await expect(createDeltaAligners({ pack: other, deltas, apply })).rejects.toMatchObject({ code: 'pack-hash-mismatch' });
    }
  });

  test.each<[string, object, string]>([
    ['no deltas', { deltas: [] }, 'invalid-options'],
    ['an unknown way', { apply: 'never' }, 'invalid-options'],
    ['no room for unpacked deltas', { cached: 0 }, 'invalid-options'],
    ['an unknown option', { live: true }, 'invalid-options'],
  ])('%s is refused', async (_what, change, code) => {
    await expect(createDeltaAligners({ pack, deltas, ...change })).rejects.toMatchObject({ code });
  });

  test('a delta whose pack was no such aligner is refused', async () => {
    const [first] = deltas;
    if (!first) return;
    for (const aligner of [undefined, { ...first.pack.aligner, design: 'edit-tagger' }]) {
      await expect(createDeltaAligners({ pack, deltas: [{ ...first, pack: { ...first.pack, aligner } }] })).rejects.toMatchObject({ code: 'pack-invalid' });
    }
  });

  test('a delta that lacks a model of the base is refused', async () => {
    const [first] = deltas;
    await expect(createDeltaAligners({ pack, deltas: first ? [{ ...first, models: [] }] : [] })).rejects.toMatchObject({ code: 'pack-invalid' });
  });
});

test('a base without its float32 model is refused', async () => {
  const pack = await markPack('decoder', '!');
  const delta = await deltaOf(pack, await markPack('decoder', '.'));
  const bare = { ...pack, manifest: { ...pack.manifest, files: {} } };
  await expect(createDeltaAligners({ pack: bare, deltas: [delta] })).rejects.toMatchObject({ code: 'pack-invalid' });
});
