import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quantizeModel, readModel, writeModel, writeModelFile, type ModelProto } from '../graph/index.js';
import { createSession, type OnnxSession } from '../session/session.js';
import { float32, int64, type Tensor } from '../session/tensor.js';
import { createDecodeSession } from './decode-session.js';
import { keptRowsName, likeliestName, logitSumName, topCountName, topIdsName, topLogitsName, topLogSumName, topScaleName } from './decoder-names.js';
import { editDecoder, type EditedDecoder } from './edit-decoder.js';
import { randomDecoder, randomEncoderDecoder, tiny } from './random-models.js';
import { fixtureDecoder } from './test-support.js';

const past = 5;
const fed = 3;

/** Inputs of a pass in the middle of a text. */
function inputsFor({ graph }: ModelProto): Record<string, Tensor> {
  const caches = graph.inputs.filter(({ name }) => name.startsWith('past')).map(({ name, dims = [] }): [string, Tensor] => {
    const [, heads, , headSize] = dims.map(Number);
    const size = (heads ?? 0) * past * (headSize ?? 0);
    return [name, float32(Float32Array.from({ length: size }, (_, index) => Math.sin(index)), [1, heads ?? 0, past, headSize ?? 0])];
  });
  return {
    input_ids: int64([7, 8, 9], [1, fed]),
    attention_mask: int64(new Array<number>(past + fed).fill(1), [1, past + fed]),
    position_ids: int64([5, 6, 7], [1, fed]),
    ...Object.fromEntries(caches),
  };
}

/** What an edited graph is fed beside: of how many rows logits are wanted, and how many likeliest tokens of each at a temperature. */
const wanted = (rows: number | undefined, top = 0, temperature = 1): Record<string, Tensor> => ({
  ...(rows !== undefined && { [keptRowsName]: int64([rows], [1]) }),
  [topCountName]: int64([top], [1]),
  [topScaleName]: float32(Float32Array.of(1 / temperature), [1, 1, 1]),
});

const rowsOf = (tensor: Tensor | undefined, from: number): number[] => {
  const [, heads = 0, positions = 0, size = 0] = tensor?.dims ?? [];
  return Array.from({ length: heads }, (_, head) => Array.from(tensor?.data ?? [], Number).slice((head * positions + from) * size, (head + 1) * positions * size)).flat();
};
const close = (values: readonly number[]): number[] => values.map((value) => expect.closeTo(value, 4) as number);

describe.each<[string, () => Promise<ModelProto>, number]>([
  ['a random decoder', async () => randomDecoder(1), 0],
  ['a GPT-2 of third parties, whose keys and values are apart only at the end', async () => readModel(await fixtureDecoder()), 10],
  ['a Llama exported by torch.export', async () => readModel(await readFile(new URL('../../fixtures/gradients/kv-cache/llama-dyn/onnx/model.onnx', import.meta.url))), 0],
])('%s', (_name, load, sliced) => {
  let source: ModelProto;
  let edited: EditedDecoder;
  let before: Record<string, Tensor>;
  let session: OnnxSession;

  beforeAll(async () => {
    source = await load();
    edited = editDecoder(source, { rowScales: true });
    await using plain = await createSession(writeModel(source));
    before = await plain.run(inputsFor(source));
    session = await createSession(writeModel(edited.model));
  });

  afterAll(() => session.dispose());

  const run = (kept: number): Promise<Record<string, Tensor>> => session.run({ ...inputsFor(source), ...wanted(edited.keepsRows ? kept : undefined) });

  test('gives the keys and values of the new tokens only', async () => {
    const after = await run(1);
    expect(edited.newPositions.size).toBe(Object.keys(before).filter((name) => name.startsWith('present')).length);
    for (const [name, output] of edited.newPositions) {
      const whole = before[name.replace('past_key_values', 'present')];
      expect(after[output]?.dims).toEqual([1, whole?.dims[1], fed, whole?.dims[3]]);
      expect(rowsOf(after[output], 0)).toEqual(close(rowsOf(whole, past)));
    }
    expect(Object.keys(after).some((name) => name.startsWith('present'))).toBe(false);
    expect(edited.reasons.filter((reason) => reason.startsWith(`new positions of ${sliced} `))).toHaveLength(sliced > 0 ? 1 : 0);
  });

  test('gives the likeliest tokens, logits and their sums of the rows that are asked for', async () => {
    const whole = Array.from(before['logits']?.data ?? [], Number);
    const width = before['logits']?.dims[2] ?? 0;
    for (const kept of edited.keepsRows ? [1, 2, 3] : [3]) {
      const after = await run(kept);
      const expected = whole.slice((fed - kept) * width);
      expect(after['logits']?.dims).toEqual([1, kept, width]);
      expect(Array.from(after['logits']?.data ?? [], Number)).toEqual(close(expected));
      const rows = Array.from({ length: kept }, (_, row) => expected.slice(row * width, (row + 1) * width));
      expect(Array.from(after[likeliestName]?.data ?? [], Number)).toEqual(rows.map((row) => row.indexOf(Math.max(...row))));
      expect(Array.from(after[logitSumName]?.data ?? [], Number)).toEqual(rows.map((row) => expect.closeTo(row.reduce((sum, value) => sum + value, 0), 2) as number));
    }
  });

  test('gives the largest logits and the sum of the row where they are asked for, and nothing otherwise', async () => {
    const inputs = { ...inputsFor(source), ...wanted(edited.keepsRows ? fed : undefined, 5, 0.5) };
    const { [topIdsName]: ids, [topLogitsName]: logits, [topLogSumName]: sums } = await session.run(inputs);
    const width = before['logits']?.dims[2] ?? 0;
    const whole = Array.from(before['logits']?.data ?? [], Number);
    expect([ids?.dims, logits?.dims, sums?.dims]).toEqual([[1, fed, 5], [1, fed, 5], [1, fed]]);
    for (let row = 0; row < fed; row++) {
      const values = whole.slice(row * width, (row + 1) * width);
      const best = [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0)).slice(0, 5);
      expect(Array.from(ids?.data ?? [], Number).slice(5 * row, 5 * row + 5)).toEqual(best);
      expect(Array.from(logits?.data ?? [], Number).slice(5 * row, 5 * row + 5)).toEqual(close(best.map((id) => values[id] ?? 0)));
      expect(Number(sums?.data[row])).toBeCloseTo(Math.log(values.reduce((sum, value) => sum + Math.exp(value / 0.5), 0)), 3);
    }
    expect((await session.run({ ...inputs, ...wanted(undefined, 0) }))[topIdsName]?.data).toHaveLength(0);
    expect((await session.run({ ...inputs, ...wanted(undefined, 10_000) }))[topIdsName]?.dims).toEqual([1, fed, width]);
  });

  test('keeps its weights as they are', () => {
    const kept = new Map(edited.model.graph.initializers.map((tensor) => [tensor.name, tensor]));
    for (const tensor of source.graph.initializers) expect(kept.get(tensor.name)).toBe(tensor);
  });
});

test('the caches of an encoder are given whole, as they come once', () => {
  const { model, newPositions } = editDecoder(randomEncoderDecoder(1).decoder, { rowScales: true });
  expect([...newPositions.keys()]).toEqual(['past_key_values.0.decoder.key', 'past_key_values.0.decoder.value']);
  expect(model.graph.outputs.map(({ name }) => name).filter((name) => name.startsWith('present'))).toEqual(['present.0.encoder.key', 'present.0.encoder.value']);
});

describe('an int8 decoder', () => {
  const source = quantizeModel(randomDecoder(1), { minValues: 64 });

  test('with a scale a row gives a token what it gives it alone', async () => {
    const { model, isRowwise, keepsRows } = editDecoder(source, { rowScales: true });
    expect([isRowwise, keepsRows]).toEqual([true, true]);
    await using session = await createSession(writeModel(model));
    const inputs = inputsFor(source);
    const three = await session.run({ ...inputs, ...wanted(3) }, ['logits']);
    const one = await session.run(
      { ...inputs, input_ids: int64([7], [1, 1]), position_ids: int64([5], [1, 1]), attention_mask: int64(new Array<number>(past + 1).fill(1), [1, past + 1]), ...wanted(1) },
      ['logits'],
    );
    expect(Array.from(three['logits']?.data ?? [], Number).slice(0, tiny.vocabulary)).toEqual(close(Array.from(one['logits']?.data ?? [], Number)));
  });

  test('with a scale a row is as near to float32 as with one a pass', async () => {
    const error = async (model: ModelProto, float: readonly number[]): Promise<number> => {
      await using session = await createSession(writeModel(model));
      const kept = model.graph.inputs.some(({ name }) => name === keptRowsName) ? wanted(3) : {};
      const { logits } = await session.run({ ...inputsFor(source), ...kept }, ['logits']);
      return Math.hypot(...Array.from(logits?.data ?? [], Number).map((value, index) => value - (float[index] ?? 0)));
    };
    await using plain = await createSession(writeModel(randomDecoder(1)));
    const { logits } = await plain.run(inputsFor(source), ['logits']);
    const float = Array.from(logits?.data ?? [], Number);
    const rows = await error(editDecoder(source, { rowScales: true }).model, float);
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(1.5 * (await error(source, float)));
  });

  test('keeps one scale a pass where it is to stay as it is', () => {
    const { isRowwise, reasons } = editDecoder(source, { rowScales: false });
    expect(isRowwise).toBe(false);
    expect(reasons.join()).toContain('one scale');
  });
});

test('logits of an unknown pattern are worked out for all tokens', () => {
  const { graph, ...rest } = randomDecoder(1);
  const odd = { ...rest, graph: { ...graph, nodes: graph.nodes.flatMap((node) => (node.outputs[0] === 'logits' ? [{ ...node, outputs: ['before'] }, { operator: 'Softplus', domain: '', name: 'odd', inputs: ['before'], outputs: ['logits'], attributes: {} }] : [node])) } };
  const { keepsRows, reasons } = editDecoder(odd, { rowScales: true });
  expect(keepsRows).toBe(false);
  expect(reasons.join()).toContain('every token fed');
});

describe('a model with its weights in a file beside it', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'decode-session-'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  test('is loaded with them', async () => {
    const path = join(folder, 'model.onnx');
    expect(await writeModelFile(path, randomDecoder(4), { externalDataFrom: 0 })).toHaveLength(2);
    await using external = await createDecodeSession(path);
    await using internal = await createDecodeSession(writeModel(randomDecoder(4)));
    expect(external.features.isEdited).toBe(true);
    const request = { ids: [1, 2, 3], maxTokens: 9 };
    expect(await external.decodeMany([request])).toEqual(await internal.decodeMany([request]));
  });
});
