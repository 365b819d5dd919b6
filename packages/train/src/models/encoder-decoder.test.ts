import { createRandom } from '@align-squad/core';
import type { OnnxSession, Tensor } from '@align-squad/onnx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { near } from '../test-support.js';
import { buildEncoderDecoder, type EncoderDecoder } from './encoder-decoder.js';
import { at, disturbed, emptyCache, idRows, nextCache, openModel, someIds, tinyShape, weightsOf } from './test-support.js';

const random = createRandom(4);
const source = someIds(random, 5);
const target = someIds(random, 6);
const ones = (count: number): number[] => new Array<number>(count).fill(1);
const build = (): EncoderDecoder => buildEncoderDecoder({ ...tinyShape, decoderLayers: 1 }, createRandom(1));

let encoder: OnnxSession;
let decoder: OnnxSession;

beforeAll(async () => {
  const built = build();
  encoder = await openModel(disturbed(built.encoder, 2));
  decoder = await openModel(disturbed(built.decoder, 3));
});

afterAll(async () => {
  await encoder.dispose();
  await decoder.dispose();
});

interface Encoded {
  readonly encoder_hidden_states: Tensor;
  readonly encoder_attention_mask: Tensor;
}

async function encode(ids: readonly (readonly number[])[], mask: readonly (readonly number[])[]): Promise<Encoded> {
  const attention_mask = idRows(mask);
  const { last_hidden_state } = await encoder.run({ input_ids: idRows(ids), attention_mask });
  if (!last_hidden_state) return expect.unreachable();
  return { encoder_hidden_states: last_hidden_state, encoder_attention_mask: attention_mask };
}

function decode(ids: readonly (readonly number[])[], encoded: Encoded, cache = emptyCache(decoder, ids.length)): Promise<Record<string, Tensor>> {
  return decoder.run({ input_ids: idRows(ids), ...encoded, ...cache });
}

test('gives logits for every token and keys and values of both sides', async () => {
  const outputs = await decode([target], await encode([source], [ones(5)]));
  expect(Object.fromEntries(Object.entries(outputs).map(([name, { dims }]) => [name, dims]))).toEqual({
    logits: [1, 6, 30],
    'present.0.decoder.key': [1, 2, 6, 6],
    'present.0.decoder.value': [1, 2, 6, 6],
    'present.0.encoder.key': [1, 2, 5, 6],
    'present.0.encoder.value': [1, 2, 5, 6],
  });
});

test.each([1, 4])('in passes of %d tokens with a cache gives the logits of one pass', async (step) => {
  const encoded = await encode([source], [ones(5)]);
  const { logits } = await decode([target], encoded);
  let cache = emptyCache(decoder, 1);
  for (let from = 0; from < target.length; from += step) {
    const outputs = await decode([target.slice(from, from + step)], encoded, cache);
    for (let place = from; place < Math.min(from + step, target.length); place++) {
      expect(at(outputs['logits'], 0, place - from)).toEqual(near(at(logits, 0, place), 1e-4));
    }
    cache = nextCache(outputs);
  }
});

test('the encoder is read in the first pass alone', async () => {
  const encoded = await encode([source], [ones(5)]);
  const first = await decode([target.slice(0, 2)], encoded);
  const blank = { ...encoded, encoder_hidden_states: { ...encoded.encoder_hidden_states, data: new Float32Array(5 * 24) } as Tensor };
  const [next, withBlank] = [await decode([[7]], encoded, nextCache(first)), await decode([[7]], blank, nextCache(first))];
  expect(withBlank['logits']).toEqual(next['logits']);
  expect(await decode([target.slice(0, 2)], blank)).not.toEqual(first);
});

test('a later token changes no earlier logits', async () => {
  const encoded = await encode([source], [ones(5)]);
  const changed = target.map((id, place) => (place === 3 ? (id % 29) + 1 : id));
  const [before, after] = [await decode([target], encoded), await decode([changed], encoded)];
  for (let place = 0; place < 3; place++) expect(at(after['logits'], 0, place)).toEqual(at(before['logits'], 0, place));
  expect(at(after['logits'], 0, 4)).not.toEqual(near(at(before['logits'], 0, 4), 1e-2));
});

test('every token of the source counts, in its order', async () => {
  const before = await decode([target], await encode([source], [ones(5)]));
  const [a = 0, b = 0, ...rest] = source;
  for (const other of [[(a % 29) + 1, b, ...rest], [b, a, ...rest]]) {
    const after = await decode([target], await encode([other], [ones(5)]));
    expect(at(after['logits'], 0, 0)).not.toEqual(near(at(before['logits'], 0, 0), 1e-3));
  }
});

test('padding of the source changes no logits', async () => {
  const { logits } = await decode([target.slice(0, 3)], await encode([source.slice(0, 3)], [ones(3)]));
  const encoded = await encode([source, [...source.slice(0, 3), 0, 0]], [ones(5), [1, 1, 1, 0, 0]]);
  const first = await decode([target.slice(0, 2), target.slice(0, 2)], encoded);
  expect(at(first['logits'], 1, 1)).toEqual(near(at(logits, 0, 1), 1e-4));
  const next = await decode([[7], target.slice(2, 3)], encoded, nextCache(first));
  expect(at(next['logits'], 1, 0)).toEqual(near(at(logits, 0, 2), 1e-4));
});

describe('weights', () => {
  test('of embedding and output layer are one, in both graphs', () => {
    const [one, other] = [build().encoder, build().decoder].map(({ graph }) => graph.initializers.find(({ name }) => name === 'shared.weight'));
    expect(one?.dims).toEqual([30, 24]);
    expect(other?.bytes).toEqual(one?.bytes);
    expect(weightsOf(build().decoder).names.filter((name) => !name.startsWith('decoder.'))).toEqual(['shared.weight']);
  });

  test('are as many as their matrices hold', () => {
    const block = 24 * 24 * 2 + 24 * 12 * 2 + 24 * 40 * 3 + 2 * 24;
    const cross = 24 * 24 * 2 + 24 * 12 * 2 + 24;
    expect(weightsOf(build().encoder).values).toBe(30 * 24 + 2 * block + 24);
    expect(weightsOf(build().decoder).values).toBe(30 * 24 + block + cross + 24);
  });
});

test('the decoder has as many layers as the encoder by default', () => {
  const { names } = weightsOf(buildEncoderDecoder(tinyShape, createRandom(1)).decoder);
  expect(names.filter((name) => name.endsWith('encoder_attn.q_proj.weight'))).toHaveLength(2);
});
