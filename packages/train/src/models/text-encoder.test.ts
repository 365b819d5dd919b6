import { createRandom, type Random } from '@align-squad/core';
import type { OnnxSession, Tensor } from '@align-squad/onnx';
import type { ModelProto } from '@align-squad/onnx/graph';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { near } from '../test-support.js';
import { buildEditTagger, type LabelledEncoderShape } from './edit-tagger.js';
import { buildEncoderClassifier } from './encoder-classifier.js';
import { disturbed, idRows, openModel, someIds, tinyShape, weightsOf } from './test-support.js';

const ids = someIds(createRandom(6), 6);
const shape: LabelledEncoderShape = { ...tinyShape, labels: 3 };
const ones = (count: number): number[] => new Array<number>(count).fill(1);
const block = 24 * 24 * 2 + 24 * 12 * 2 + 24 * 40 * 3 + 2 * 24;
const encoderValues = 30 * 24 + 2 * block + 24;

interface Builder {
  readonly build: (config: LabelledEncoderShape, random: Random) => ModelProto;
  /** Shape of the logits of `rows` rows of `length` tokens. */
  readonly dims: (rows: number, length: number) => number[];
  readonly headValues: number;
  readonly headNames: readonly string[];
}

const builders: Readonly<Record<string, Builder>> = {
  'the edit tagger': {
    build: buildEditTagger,
    dims: (rows, length) => [rows, length, 3],
    headValues: 24 * 3 + 3,
    headNames: ['classifier.weight', 'classifier.bias'],
  },
  'the classifier': {
    build: buildEncoderClassifier,
    dims: (rows) => [rows, 3],
    headValues: 48 * 24 + 24 + 24 * 3 + 3,
    headNames: ['pooler.dense.weight', 'pooler.dense.bias', 'classifier.weight', 'classifier.bias'],
  },
};

describe.each(Object.entries(builders))('%s', (_, { build, dims, headValues, headNames }) => {
  let session: OnnxSession;

  beforeAll(async () => {
    session = await openModel(disturbed(build(shape, createRandom(1)), 2));
  });

  afterAll(() => session.dispose());

  async function run(rows: readonly (readonly number[])[], mask = rows.map((row) => ones(row.length))): Promise<Tensor> {
    const { logits } = await session.run({ input_ids: idRows(rows), attention_mask: idRows(mask) });
    return logits ?? expect.unreachable();
  }

  const numbers = (tensor: Tensor, from = 0, count = tensor.data.length): number[] => Array.from(tensor.data, Number).slice(from, from + count);

  test('gives logits of its shape', async () => {
    expect((await run([ids, ids])).dims).toEqual(dims(2, 6));
  });

  test('gives a padded row the logits that it gets alone', async () => {
    const short = ids.slice(0, 4);
    const alone = await run([short]);
    const count = alone.data.length;
    const padded = await run([ids, [...short, 5, 5]], [ones(6), [1, 1, 1, 1, 0, 0]]);
    expect(numbers(padded, padded.data.length / 2, count)).toEqual(near(numbers(alone), 1e-4));
  });

  test.each([0, 3, 5])('reads token %d from every place', async (place) => {
    const [before, after] = [await run([ids]), await run([ids.map((id, index) => (index === place ? (id % 29) + 1 : id))])];
    for (let from = 0; from < before.data.length; from += 3) {
      expect(numbers(after, from, 3)).not.toEqual(near(numbers(before, from, 3), 1e-3));
    }
  });

  test('reads the order of tokens', async () => {
    const [a = 0, b = 0, c = 0, ...rest] = ids;
    expect(numbers(await run([[a, c, b, ...rest]]), 0, 3)).not.toEqual(near(numbers(await run([ids]), 0, 3), 1e-3));
  });

  test('has the weights of the encoder and of its head', () => {
    const { names, values } = weightsOf(build(shape, createRandom(1)));
    expect(names.filter((name) => !name.startsWith('encoder.'))).toEqual(headNames);
    expect(names).toContain('encoder.layers.1.self_attn.q_proj.weight');
    expect(values).toBe(encoderValues + headValues);
  });

  test.each([0, 1.5, Number.NaN])('with %d labels is refused', (labels) => {
    expect(() => build({ ...shape, labels }, createRandom(1))).toThrow(expect.objectContaining({ code: 'invalid-options' }));
  });
});

test('a row of padding alone gives numbers', async () => {
  await using session = await openModel(buildEncoderClassifier(shape, createRandom(1)));
  const { logits } = await session.run({ input_ids: idRows([[0, 0]]), attention_mask: idRows([[0, 0]]) });
  expect(Array.from(logits?.data ?? [], Number).every(Number.isFinite)).toBe(true);
});
