import { collectCorrection, type Inspector } from '@align-squad/core';
import { functionInspector } from '@align-squad/core/testing';
import type { Pack } from '@align-squad/onnx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTinyPack, type TinyPack } from '../../../../tests/support/tiny-pack.js';
import { createPackAligner } from '../pack/pack-aligner.js';

const request = { exchange: { response: 'The people are awful. The sun shines.' }, criterion: 'ethical' };

let tiny: TinyPack;
let inspector: Inspector;

beforeAll(async () => {
  tiny = await createTinyPack();
  inspector = functionInspector(({ response }) => (response.includes('awful') ? 0.9 : 0.1), { criteria: ['ethical', 'factual', 'helpful'] });
});

afterAll(() => tiny.remove());

/** The tiny pack, which tells what is read of it. */
function watched(change: object = {}): { pack: Pack; read: string[] } {
  const read: string[] = [];
  const readJson = async (file: string): Promise<unknown> => {
    read.push(file);
    return tiny.pack.readJson(file);
  };
  const manifest = { ...tiny.pack.manifest, aligner: { ...tiny.pack.manifest.aligner, ...change } };
  return { pack: { ...tiny.pack, manifest, readJson }, read };
}

describe('a lazy aligner', () => {
  test('reads nothing of its pack before a rewrite is asked for, and then each file once', async () => {
    const { pack, read } = watched();
    await using aligner = await createPackAligner(pack, { inspector, lazy: true });
    expect(read).toEqual([]);
    await Promise.all([collectCorrection(aligner, request), collectCorrection(aligner, { ...request, criterion: 'helpful' })]);
    expect(read.length).toBeGreaterThan(0);
    expect(new Set(read).size).toBe(read.length);
  });

  test('gives the rewrites of one that is loaded at once', async () => {
    await using eager = await createPackAligner(tiny.pack, { inspector });
    await using lazy = await createPackAligner(tiny.pack, { inspector, lazy: true });
    expect(await collectCorrection(lazy, request)).toEqual(await collectCorrection(eager, request));
  });

  test('finds a broken pack when it is asked, every time', async () => {
    const { pack } = watched({ width: 7 });
    await expect(createPackAligner(pack, { inspector })).rejects.toMatchObject({ code: 'pack-invalid' });
    await using aligner = await createPackAligner(pack, { inspector, lazy: true });
    for (const _ of [1, 2]) await expect(collectCorrection(aligner, request)).rejects.toMatchObject({ code: 'pack-invalid' });
  });

  test('rejects with `disposed` once it is disposed of, loaded or not', async () => {
    const aligner = await createPackAligner(tiny.pack, { inspector, lazy: true });
    await aligner.dispose();
    await expect(collectCorrection(aligner, request)).rejects.toMatchObject({ code: 'disposed' });
  });
});
