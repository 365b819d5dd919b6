import { describe, expect, test } from 'vitest';
import { fingerprintOf } from './fingerprint.js';
import { resolveTrainConfig } from './train-config.js';

const config = { task: 'inspector', data: ['a.jsonl'], criteria: [{ id: 'kind' }], out: 'out' } as const;

describe('a configuration', () => {
  test.each([
    [{}, 'full'],
    [{ base: 'pack' }, 'head'],
    [{ task: 'aligner' }, 'full'],
    [{ task: 'aligner', base: 'pack' }, 'lora'],
    [{ base: 'pack', method: 'full' }, 'full'],
  ] as const)('%j is trained by the method %s', (changes, method) => {
    expect(resolveTrainConfig({ ...config, ...changes })).toMatchObject({ method, seed: 1, threads: 1 });
  });

  test.each([
    ['an aligner by its head', { task: 'aligner', base: 'pack', method: 'head' }, '`lora` or `full`'],
    ['LoRA from random weights', { method: 'lora' }, '`base`'],
    ['a head on random weights', { method: 'head' }, '`base`'],
    ['an unknown method', { method: 'quantum' }, '`method`'],
    ['no data', { data: [] }, '`data`'],
    ['a criterion twice', { criteria: [{ id: 'kind' }, { id: 'kind' }] }, '`criteria`'],
    ['a name that is no criterion', { criteria: [{ id: 'Very Kind' }] }, '`criteria'],
    ['a width that the heads do not share', { inspector: { shape: { width: 10, attentionHeads: 4 } } }, '`inspector.shape`'],
    ['a share that is none', { devShare: 0.9 }, '`devShare`'],
  ] as const)('with %s is refused', (_what, changes, word) => {
    expect(() => resolveTrainConfig({ ...config, ...changes })).toThrow(expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(word) as string }));
  });
});

describe('the fingerprint of a training', () => {
  const of = (changes: object = {}, hashes: readonly string[] = ['one']): string => fingerprintOf(resolveTrainConfig({ ...config, ...changes }), hashes);

  test.each([
    { out: 'elsewhere' },
    { data: ['b.jsonl'] },
    { checkpointEverySteps: 7 },
    { restart: true },
    { pack: { license: 'MIT' } },
    { inspector: { ngramData: ['c.jsonl'] } },
    { base: 'scratch', method: 'full', seed: 1 },
  ])('is the same with %j', (changes) => {
    expect(of(changes)).toBe(of());
  });

  test.each([{ seed: 2 }, { epochs: 7 }, { base: 'pack' }, { threads: 2 }, { inspector: { tokenDropout: 0 } }, { inspector: { experts: [{ criterion: 'a', data: ['c.jsonl'] }] } }])('is another one with %j', (changes) => {
    expect(of(changes)).not.toBe(of());
  });

  test('is another one for other data', () => {
    expect(of({}, ['two'])).not.toBe(of());
  });
});
