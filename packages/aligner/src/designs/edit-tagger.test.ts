import { collectCorrection, type AlignRequest } from '@align-squad/core';
import { alignerConformance } from '@align-squad/core/testing';
import type { Pack } from '@align-squad/onnx';
import { dataType, writeModel, type NodeProto, type TensorProto } from '@align-squad/onnx/graph';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countEditTags, editOperation } from '../format/edit-tags.js';
import { byteTokenizerJson } from '../format/test-support.js';
import { createPackAligner } from '../pack/pack-aligner.js';
import type { PackAligner } from './pack-aligner-base.js';
import { byteIds, createTestPack, removeTestPacks } from './test-support.js';

const phrases = [' not', ' so.'];
const tagCount = countEditTags(phrases.length);
const aligned = byteIds.marker('aligned');

/** A tagger that gives a token the tag of the one after it: a word is a space and its letters. `tags` are by that token. */
function tagger(tags: ReadonlyMap<number, number>, withTypes = false): Uint8Array {
  const table = new Float32Array(byteIds.size * tagCount);
  for (let id = 0; id < byteIds.size; id++) table[id * tagCount + (tags.get(id) ?? editOperation.keep)] = 1;
  const constant = (name: string, type: number, dims: readonly number[], data: Float32Array | BigInt64Array): TensorProto => ({
    name, type, dims, bytes: new Uint8Array(data.buffer),
  });
  const node = (operator: string, inputs: readonly string[], output: string): NodeProto => ({
    operator, domain: '', name: '', inputs, outputs: [output], attributes: {},
  });
  const names = ['input_ids', 'attention_mask', ...(withTypes ? ['token_type_ids'] : [])];
  const nodes = [
    node('Mul', ['input_ids', 'attention_mask'], 'masked'),
    ...(withTypes ? [node('Add', ['masked', 'token_type_ids'], 'typed')] : []),
    node('Slice', [withTypes ? 'typed' : 'masked', 'one', 'many', 'one'], 'shifted'),
    node('Pad', ['shifted', 'pads', 'end_id'], 'next'),
    node('Gather', ['table', 'next'], 'logits'),
  ];
  const initializers = [
    constant('table', dataType.float32, [byteIds.size, tagCount], table),
    constant('one', dataType.int64, [1], BigInt64Array.of(1n)),
    constant('many', dataType.int64, [1], BigInt64Array.of(1_000_000n)),
    constant('pads', dataType.int64, [4], BigInt64Array.of(0n, 0n, 0n, 1n)),
    constant('end_id', dataType.int64, [], BigInt64Array.of(BigInt(aligned))),
  ];
  const graph = {
    name: 'graph', nodes, initializers,
    inputs: names.map((name) => ({ name, type: dataType.int64, dims: ['batch', 'sequence'] })),
    outputs: [{ name: 'logits', type: dataType.float32, dims: ['batch', 'sequence', tagCount] }],
  };
  return writeModel({ irVersion: 9, opsets: { '': 20 }, graph, functions: [], metadata: {} });
}

// Words with x go, before one with n comes `not`; the end, behind which nothing stands, stays.
const rules = new Map([[byteIds.of('x'), editOperation.delete], [byteIds.of('n'), 2]]);
const contents = { 'tokenizer.json': byteTokenizerJson(), 'model.onnx': tagger(rules), 'phrases.json': { phrases }, 'other.json': { phrases: [' not'] } };
const section = { design: 'edit-tagger', criteria: ['ethical'], model: 'model.onnx', tokenizer: 'tokenizer.json', phrases: 'phrases.json', maxTokens: 300 };
const request: AlignRequest = { exchange: { prompt: 'Why?', context: 'Rain.', response: 'It xrained, and\nnow xit.' }, criterion: 'ethical' };

let pack: Pack;
let aligner: PackAligner;

beforeAll(async () => {
  pack = await createTestPack(contents, section);
  aligner = await createPackAligner(pack);
});

afterAll(async () => {
  await aligner.dispose();
  await removeTestPacks();
});

const rewriteOf = (response: string, by = aligner): Promise<unknown> => collectCorrection(by, { ...request, exchange: { ...request.exchange, response } });
const withSection = (change: Readonly<Record<string, unknown>>): Pack => ({ ...pack, manifest: { ...pack.manifest, aligner: { ...section, ...change } } });

describe('conforms to the contract', () => {
  for (const { name, run } of alignerConformance({ create: () => aligner, requests: [request] })) test(name, run);
});

describe('tags', () => {
  test('delete words and put phrases before words, and keep the rest character for character', async () => {
    expect(await rewriteOf('It xrained, and night  it\ncame.')).toEqual({ outcome: 'rewritten', response: 'It and not night  it\ncame.' });
    expect(await rewriteOf('xno.\n- It 👍🏽 xis')).toEqual({ outcome: 'rewritten', response: '\n- It 👍🏽' });
  });

  test('put a phrase after the last word', async () => {
    const ending = await createTestPack({ ...contents, 'model.onnx': tagger(new Map([[aligned, 4]])) }, section);
    await using other = await createPackAligner(ending);
    expect(await rewriteOf('It is', other)).toEqual({ outcome: 'rewritten', response: 'It is so.' });
  });

  test.each([
    ['keep everything', 'It is.'],
    ['delete everything', 'xIt xis.'],
    ['stand on nothing', ''],
  ])('that %s are no rewrite', async (_what, response) => {
    expect(await rewriteOf(response)).toEqual({ outcome: 'none' });
  });

  test('of a response that does not fit are not asked for', async () => {
    await using small = await createPackAligner(withSection({ maxTokens: 30 }));
    expect(await rewriteOf('xIt is.', small)).toMatchObject({ outcome: 'rewritten' });
    expect(await rewriteOf('xIt is. '.repeat(10), small)).toEqual({ outcome: 'none' });
  });
});

test('a graph may take token types', async () => {
  await using other = await createPackAligner(await createTestPack({ ...contents, 'model.onnx': tagger(rules, true) }, section));
  expect(await rewriteOf('xIt is.', other)).toEqual({ outcome: 'rewritten', response: 'is.' });
});

test('rejects with `disposed` once it is disposed', async () => {
  const short = await createPackAligner(pack);
  await short.dispose();
  await expect(rewriteOf('xIt is.', short)).rejects.toMatchObject({ code: 'disposed' });
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['with an unknown key', { surprise: 1 }, 'pack-invalid'],
  ['without phrases', { phrases: undefined }, 'pack-invalid'],
  ['whose phrases are other JSON', { phrases: 'tokenizer.json' }, 'pack-invalid'],
  ['whose phrases make another number of tags', { phrases: 'other.json' }, 'pack-invalid'],
  ['whose model is no graph', { model: 'phrases.json' }, 'model-invalid'],
])('a pack %s is refused', async (_what, change, code) => {
  const act = createPackAligner(withSection(change)).then(async (made) => rewriteOf('xIt is.', made).finally(() => made.dispose()));
  await expect(act).rejects.toMatchObject({ code });
});
