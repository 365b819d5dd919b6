import { createRandom } from '@align-squad/core';
import type { OnnxSession, Tensor } from '@align-squad/onnx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { near } from '../test-support.js';
import { buildLlamaDecoder } from './llama-decoder.js';
import { at, disturbed, emptyCache, idRows, nextCache, openModel, someIds, tinyShape, weightsOf } from './test-support.js';

const random = createRandom(3);
const ids = someIds(random, 7);
const ones = (count: number): number[] => new Array<number>(count).fill(1);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

let session: OnnxSession;

beforeAll(async () => {
  session = await openModel(disturbed(buildLlamaDecoder(tinyShape, createRandom(1)), 2));
});

afterAll(() => session.dispose());

interface Pass {
  readonly ids: readonly (readonly number[])[];
  readonly mask: readonly (readonly number[])[];
  readonly positions: readonly (readonly number[])[];
  readonly cache?: Readonly<Record<string, Tensor>>;
}

function run(pass: Pass): Promise<Record<string, Tensor>> {
  const inputs = { input_ids: idRows(pass.ids), attention_mask: idRows(pass.mask), position_ids: idRows(pass.positions) };
  return session.run({ ...inputs, ...(pass.cache ?? emptyCache(session, pass.ids.length)) });
}

const whole = (row: readonly number[]): Promise<Record<string, Tensor>> => run({ ids: [row], mask: [ones(row.length)], positions: [range(0, row.length)] });

test('gives logits for every token and keys and values for every layer', async () => {
  const outputs = await whole(ids);
  expect(Object.fromEntries(Object.entries(outputs).map(([name, { dims }]) => [name, dims]))).toEqual({
    logits: [1, 7, 30],
    'present.0.key': [1, 2, 7, 6],
    'present.0.value': [1, 2, 7, 6],
    'present.1.key': [1, 2, 7, 6],
    'present.1.value': [1, 2, 7, 6],
  });
});

test.each([1, 2, 3])('in passes of %d tokens with a cache gives the logits of one pass', async (step) => {
  const { logits } = await whole(ids);
  let cache = emptyCache(session, 1);
  for (let from = 0; from < ids.length; from += step) {
    const to = Math.min(from + step, ids.length);
    const outputs = await run({ ids: [ids.slice(from, to)], mask: [ones(to)], positions: [range(from, to)], cache });
    for (let place = from; place < to; place++) expect(at(outputs['logits'], 0, place - from)).toEqual(near(at(logits, 0, place), 1e-4));
    cache = nextCache(outputs);
  }
});

test('a later token changes no earlier logits, an earlier one changes later logits', async () => {
  const changed = ids.map((id, place) => (place === 4 ? (id % 29) + 1 : id));
  const [before, after] = [await whole(ids), await whole(changed)];
  for (let place = 0; place < 4; place++) expect(at(after['logits'], 0, place)).toEqual(at(before['logits'], 0, place));
  for (let place = 4; place < 7; place++) expect(at(after['logits'], 0, place)).not.toEqual(near(at(before['logits'], 0, place), 1e-2));
});

test('the order of earlier tokens changes later logits', async () => {
  const [a = 0, b = 0, ...rest] = ids;
  const [before, after] = [await whole([a, b, ...rest]), await whole([b, a, ...rest])];
  expect(at(after['logits'], 0, 6)).not.toEqual(near(at(before['logits'], 0, 6), 1e-2));
});

test('positions count by their distance alone', async () => {
  const { logits } = await whole(ids);
  const places = (scale: number, offset: number): number[][] => [ids.map((_, index) => scale * index + offset)];
  const [moved, stretched] = await Promise.all([places(1, 9), places(3, 0)].map((positions) => run({ ids: [ids], mask: [ones(7)], positions })));
  expect(at(moved?.['logits'], 0, 6)).toEqual(near(at(logits, 0, 6), 1e-4));
  expect(at(stretched?.['logits'], 0, 6)).not.toEqual(near(at(logits, 0, 6), 1e-2));
});

describe('padding', () => {
  const short = ids.slice(0, 4);

  test('on the right changes no logits of the tokens before it', async () => {
    const { logits } = await whole(short);
    const padded = await run({
      ids: [ids, [...short, 0, 0, 0]],
      mask: [ones(7), [1, 1, 1, 1, 0, 0, 0]],
      positions: [range(0, 7), range(0, 7)],
    });
    for (let place = 0; place < 4; place++) expect(at(padded['logits'], 1, place)).toEqual(near(at(logits, 0, place), 1e-4));
  });

  test('on the left, with positions counted from the first token, changes no logits, with a cache either', async () => {
    const { logits } = await whole(short);
    const first = await run({ ids: [[0, 0, ...short.slice(0, 3)]], mask: [[0, 0, 1, 1, 1]], positions: [[1, 1, 0, 1, 2]] });
    expect(at(first['logits'], 0, 4)).toEqual(near(at(logits, 0, 2), 1e-4));
    const next = await run({ ids: [short.slice(3)], mask: [[0, 0, 1, 1, 1, 1]], positions: [[3]], cache: nextCache(first) });
    expect(at(next['logits'], 0, 0)).toEqual(near(at(logits, 0, 3), 1e-4));
  });
});

describe('weights', () => {
  test('have the names of LlamaForCausalLM', () => {
    const layer = ['input_layernorm', 'mlp.down_proj', 'mlp.gate_proj', 'mlp.up_proj', 'post_attention_layernorm'];
    const attention = ['q', 'k', 'v', 'o'].map((part) => `self_attn.${part}_proj`);
    const layers = [0, 1].flatMap((index) => [...layer, ...attention].map((name) => `model.layers.${index}.${name}.weight`));
    expect([...weightsOf(buildLlamaDecoder(tinyShape, createRandom(1))).names].sort()).toEqual(
      ['model.embed_tokens.weight', 'model.norm.weight', ...layers].sort(),
    );
  });

  test('are as many as those of Llama with a tied output layer', () => {
    const layer = 24 * 24 * 2 + 24 * 12 * 2 + 24 * 40 * 3 + 2 * 24;
    expect(weightsOf(buildLlamaDecoder(tinyShape, createRandom(1))).values).toBe(30 * 24 + 2 * layer + 24);
  });

  test('are the same for the same seed, and others for another', () => {
    const bytesOf = (seed: number): unknown => buildLlamaDecoder(tinyShape, createRandom(seed)).graph.initializers.map(({ bytes }) => bytes);
    expect(bytesOf(5)).toEqual(bytesOf(5));
    expect(bytesOf(5)).not.toEqual(bytesOf(6));
  });
});

test('a decoder with as many heads of keys as of queries gives as many', async () => {
  await using plain = await openModel(buildLlamaDecoder({ ...tinyShape, keyValueHeads: undefined, layers: 1 }, createRandom(1)));
  const empty: Tensor = { type: 'float32', data: new Float32Array(0), dims: [1, 4, 0, 6] };
  const outputs = await plain.run({
    input_ids: idRows([ids]), attention_mask: idRows([ones(7)]), position_ids: idRows([range(0, 7)]),
    'past_key_values.0.key': empty, 'past_key_values.0.value': empty,
  });
  expect(outputs['present.0.key']?.dims).toEqual([1, 4, 7, 6]);
});

test.each<[string, object]>([
  ['a width that its heads do not divide', { width: 26 }],
  ['heads of odd size', { width: 20 }],
  ['heads of keys that do not divide the heads', { keyValueHeads: 3 }],
  ['no layers', { layers: 0 }],
  ['a vocabulary that is no number', { vocabularySize: Number.NaN }],
])('%s are refused', (_, change) => {
  expect(() => buildLlamaDecoder({ ...tinyShape, ...change }, createRandom(1))).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
