import { describe, expect, test } from 'vitest';
import { floatsOf } from '../graph/float-data.js';
import { relativeError } from '../graph/test-support.js';
import { bytesOf } from '../graph/wire.js';
import { applyDelta } from './apply-delta.js';
import { createModelDelta } from './create-model-delta.js';
import { modelSha256 } from './model-sha256.js';
import { deltaOf, runModel, smallModel, tuned } from './test-support.js';

const base = smallModel();
const fineTune = tuned(base, 1);

const weight = (model: typeof base, name: string): number[] => {
  const tensor = model.graph.initializers.find((each) => each.name === name);
  return tensor ? [...floatsOf(tensor)] : [];
};

describe('a delta of all singular values in 8 bits', () => {
  test('gives the fine-tuned model', async () => {
    const applied = applyDelta(base, await deltaOf(base, fineTune));
    expect(relativeError(await runModel(applied), await runModel(fineTune))).toBeLessThan(0.01);
    expect(relativeError(await runModel(base), await runModel(fineTune))).toBeGreaterThan(0.1);
  });

  test('says of each tensor how far it is off', async () => {
    const delta = await deltaOf(base, fineTune);
    const applied = applyDelta(base, delta);
    for (const { name, relativeError: said } of delta.tensors) {
      const change = (model: typeof base): number[] => weight(model, name).map((value, at) => value - (weight(base, name)[at] ?? 0));
      expect(relativeError(change(applied), change(fineTune))).toBeCloseTo(said, 4);
      expect(said).toBeLessThan(0.01);
    }
  });

  test('keeps matrices as singular vectors, what else reads them value by value, and vectors exactly', async () => {
    const { tensors } = await deltaOf(base, fineTune);
    expect(Object.fromEntries(tensors.map(({ name, form }) => [name, form.kind]))).toEqual({
      embedding: 'low-rank', first: 'low-rank', second: 'low-rank', shared: 'values', norm: 'values', bias: 'values',
    });
    expect(weight(applyDelta(base, await deltaOf(base, fineTune)), 'norm')).toEqual(weight(fineTune, 'norm'));
  });
});

test('a smaller budget costs fewer bytes and is further off', async () => {
  const budgets = [[{ rank: 12, bits: 8 }], [{ rank: 2, bits: 8 }, { rank: 4, bits: 3 }, { rank: 6, bits: 2 }], [{ rank: 2, bits: 2 }]] as const;
  const made = await Promise.all(budgets.map(async (groups) => (await deltaOf(base, fineTune, groups)).tensors.find(({ name }) => name === 'first')));
  const sizes = made.map((tensor) => tensor?.data.length ?? 0);
  const errors = made.map((tensor) => tensor?.relativeError ?? 0);
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  expect(errors).toEqual([...errors].sort((a, b) => a - b));
  expect(new Set(sizes).size).toBe(3);
});

test('what did not change is not in the delta', async () => {
  expect((await deltaOf(base, tuned(base, 1, ['first']))).tensors.map(({ name }) => name)).toEqual(['first']);
  const none = await deltaOf(base, base);
  expect(none.tensors).toEqual([]);
  expect(modelSha256(applyDelta(base, none))).toBe(none.tunedSha256);
});

test('a large tensor that is no matrix of a product is kept in 8 bits', async () => {
  const large = (scale: number): typeof base => {
    const initializers = base.graph.initializers.map((tensor) => (tensor.name === 'norm' ? { ...tensor, dims: [6000], bytes: bytesOf(Float32Array.from({ length: 6000 }, (_, at) => scale * Math.sin(at))) } : tensor));
    return { ...base, graph: { ...base.graph, initializers } };
  };
  const delta = await deltaOf(large(1), large(1.5));
  expect(delta.tensors).toMatchObject([{ name: 'norm', form: { kind: 'difference' } }]);
  expect(delta.tensors[0]?.data.length).toBeLessThan(6300);
  expect(delta.tensors[0]?.relativeError).toBeLessThan(0.005);
});

test('another base is refused', async () => {
  const delta = await deltaOf(base, fineTune);
  expect(() => applyDelta(fineTune, delta)).toThrow(expect.objectContaining({ code: 'pack-hash-mismatch' }) as Error);
});

test('a delta of tensors that the base does not have is refused', async () => {
  const delta = await deltaOf(base, fineTune);
  const tensors = delta.tensors.map((tensor) => ({ ...tensor, name: `${tensor.name}.other` }));
  expect(() => applyDelta(base, { ...delta, tensors })).toThrow(expect.objectContaining({ code: 'pack-invalid' }) as Error);
});

test.each([
  ['of another shape', { dims: [6, 2] }],
  ['of another type', { type: 6 }],
  ['of another name', { name: 'other' }],
])('a fine-tune with a constant %s is refused', async (_what, change) => {
  const initializers = base.graph.initializers.map((tensor) => (tensor.name === 'norm' ? { ...tensor, ...change } : tensor));
  await expect(deltaOf(base, { ...base, graph: { ...base.graph, initializers } })).rejects.toMatchObject({ code: 'model-invalid' });
});

test('a fine-tune that diverged is refused', async () => {
  const initializers = fineTune.graph.initializers.map((tensor) => (tensor.name === 'first' ? { ...tensor, bytes: bytesOf(new Float32Array(240).fill(Number.NaN)) } : tensor));
  await expect(deltaOf(base, { ...fineTune, graph: { ...fineTune.graph, initializers } })).rejects.toMatchObject({ code: 'model-invalid' });
});

test('an abort ends it with its reason, between two tensors', async () => {
  const stop = new AbortController();
  const names: string[] = [];
  const run = async (): Promise<void> => {
    for await (const event of createModelDelta(base, fineTune, { file: 'a.onnx', groups: [{ rank: 2, bits: 8 }], signal: stop.signal })) {
      if (event.type === 'tensor-end') names.push(event.tensor.name);
      stop.abort('enough');
    }
  };
  await expect(run()).rejects.toBe('enough');
  expect(names).toHaveLength(1);
});
