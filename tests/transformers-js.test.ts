import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alignerTokens } from '@align-squad/aligner';
import { createRandom } from '@align-squad/core';
import { exchangeTokenIds, exchangeTokens } from '@align-squad/inspector';
import { createSession, createTextTokenizer, float32, int64, type OnnxSession, type Tensor, type TextTokenizer } from '@align-squad/onnx';
import { GraphBuilder, type ModelProto } from '@align-squad/onnx/graph';
import { packDirectory } from '@align-squad/pack-en';
import {
  buildEditTagger,
  buildEncoderClassifier,
  buildEncoderDecoder,
  buildLlamaDecoder,
  buildWideAndDeep,
  huggingFaceConfig,
  initialWeights,
  trainAlignerTokenizer,
  trainByteLevelBpe,
  withExchangeTemplate,
  writePack,
  type EncoderConfig,
  type PackContents,
  type TransformerShape,
} from '@align-squad/train';
import {
  AutoModelForCausalLM,
  AutoModelForSeq2SeqLM,
  AutoModelForSequenceClassification,
  AutoModelForTokenClassification,
  AutoTokenizer,
  env,
  pipeline,
  Tensor as TransformersTensor,
} from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// Packs of every kind with random weights, loaded by transformers.js as they are written.

const texts = ['The water cycle moves water from the sea to the sky.', "It isn't safe to mix bleach and ammonia."];
const repeated = [...texts, ...texts];
const manifest = { schemaVersion: 1, name: 'tiny', version: '0.0.0', language: 'en', license: 'Apache-2.0' } as const;
const vocabularySize = 300;
const shape: TransformerShape = { vocabularySize, width: 32, layers: 2, attentionHeads: 4, keyValueHeads: 2, feedForwardWidth: 48, maxTokens: 64 };
const labels = ['keep', 'delete', 'insert'];
const types = ['fp32', 'q8'] as const;
type Type = (typeof types)[number];

const alignerJson = trainAlignerTokenizer(repeated, { vocabularySize });
const exchangeJson = trainByteLevelBpe(repeated, { vocabularySize, specialTokens: Object.values(exchangeTokens) });

let parent: string;
let aligner: TextTokenizer;
let exchange: TextTokenizer;

beforeAll(async () => {
  env.allowRemoteModels = false;
  parent = await mkdtemp(join(tmpdir(), 'align-squad-transformers-'));
  aligner = await createTextTokenizer(alignerJson);
  exchange = await createTextTokenizer(exchangeJson);
});

afterAll(() => rm(parent, { recursive: true }));

async function write(name: string, contents: Omit<PackContents, 'manifest'>): Promise<string> {
  await writePack(join(parent, name), { manifest, ...contents });
  return join(parent, name);
}

/** Moves weights far enough that the likeliest token is clear and changes from step to step. */
function disturbed(model: ModelProto): ModelProto {
  const random = createRandom(9);
  const initializers = model.graph.initializers.map((tensor) => {
    if (!tensor.bytes || !/weight|bias/.test(tensor.name)) return tensor;
    return { ...tensor, bytes: new Uint8Array(new Float32Array(tensor.bytes.slice().buffer).map((value) => value + 0.4 * random.normal()).buffer) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

const fileOf = (directory: string, name: string, type: Type): string => join(directory, 'onnx', `${name}${type === 'q8' ? '_quantized' : ''}.onnx`);
const row = (ids: readonly number[]): Tensor => int64(ids, [1, ids.length]);
const ones = (count: number): Tensor => row(new Array<number>(count).fill(1));
const native = (ids: readonly number[]): TransformersTensor => new TransformersTensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
const numbers = (data: ArrayLike<number | bigint>): number[] => Array.from(data, Number);

function likeliest(logits: Tensor | undefined): number {
  const [, , width = 1] = logits?.dims ?? [];
  const last = Array.from(logits?.data ?? [], Number).slice(-width);
  return last.indexOf(Math.max(...last));
}

type Cache = Readonly<Record<string, Tensor>>;

/** Greedy decoding by hand; without a cache every step reads all tokens anew. */
async function decode(
  session: OnnxSession,
  start: readonly number[],
  options: { readonly withCache: boolean; readonly steps: number; inputs(ids: readonly number[], past: number): Cache },
): Promise<number[]> {
  const empty = float32(new Float32Array(0), [1, shape.keyValueHeads ?? 0, 0, 8]);
  const names = session.inputNames.filter((name) => name.startsWith('past_key_values.'));
  const none: Cache = Object.fromEntries(names.map((name) => [name, empty]));
  const ids = [...start];
  let cache = none;
  let past = 0;
  for (let step = 0; step < options.steps; step++) {
    const outputs = await session.run({ ...options.inputs(ids.slice(past), past), ...cache });
    if (options.withCache) {
      past = ids.length;
      cache = Object.fromEntries(names.map((name) => [name, outputs[name.replace('past_key_values', 'present')] ?? empty]));
    }
    ids.push(likeliest(outputs['logits']));
  }
  return ids;
}

describe('the tokenizer', () => {
  test('of an aligner gives the ids and the text of ours', async () => {
    const json = huggingFaceConfig('decoder', { shape, tokenizer: aligner });
    const loaded = await AutoTokenizer.from_pretrained(await write('tokenizer', { models: {}, tokenizer: alignerJson, json }));
    for (const text of [...texts, 'naïve 日本語 🙂\n\n  two', 'Mix BLEACH, now!']) {
      const ids = loaded.encode(text, { add_special_tokens: true });
      expect(ids).toEqual(aligner.encode(text));
      expect(loaded.decode(ids).trimStart()).toBe(text);
    }
    expect([loaded.pad_token_id, loaded.bos_token_id, loaded.eos_token_id]).toEqual(
      [alignerTokens.pad, alignerTokens.start, alignerTokens.done].map((token) => aligner.tokenId(token)),
    );
    expect(loaded.all_special_tokens).toEqual(Object.values(alignerTokens));
    expect(loaded.decode([...aligner.encode('water'), aligner.tokenId(alignerTokens.done) ?? 0], { skip_special_tokens: true })).toBe(' water');
  });

  test('of an inspector lays exchanges out', async () => {
    const json = huggingFaceConfig('classifier', { shape, labels, tokenizer: exchange });
    const tokenizer = withExchangeTemplate(exchangeJson);
    const loaded = await AutoTokenizer.from_pretrained(await write('exchange-tokenizer', { models: {}, tokenizer, json }));
    const { start, separator, sentence } = exchangeTokenIds((token) => exchange.tokenId(token));
    const [prompt, response] = ['is it safe?', 'it is.'].map((text) => exchange.encode(text));
    expect(loaded.encode('is it safe?', { text_pair: 'it is.' })).toEqual(
      [start, ...(prompt ?? []), separator, separator, sentence, ...(response ?? []), separator],
    );
    expect(loaded.encode('it is.')).toEqual([start, separator, separator, sentence, ...(response ?? []), separator]);
  });
});

describe.each(types)('a decoder in %s', (type) => {
  const prompt = [2, 40, 200, 17, 4];
  const inputs = (ids: readonly number[], past: number): Cache => ({
    input_ids: row(ids),
    attention_mask: ones(past + ids.length),
    position_ids: row(ids.map((_, index) => past + index)),
  });

  test('generates what decoding by hand does', async () => {
    const model = disturbed(buildLlamaDecoder(shape, createRandom(1)));
    const json = huggingFaceConfig('decoder', { shape, tokenizer: aligner });
    const directory = await write(`decoder-${type}`, { models: { 'onnx/model.onnx': model }, tokenizer: alignerJson, json });
    const loaded = await AutoModelForCausalLM.from_pretrained(directory, { dtype: type });
    await using session = await createSession(fileOf(directory, 'model', type));
    const generated = await loaded.generate({ inputs: native(prompt), max_new_tokens: 20, eos_token_id: -1 });
    await loaded.dispose();
    const ids = numbers((generated as TransformersTensor).data as BigInt64Array);
    expect(ids).toEqual(await decode(session, prompt, { withCache: true, steps: 20, inputs }));
    // One scale for all activations of a pass: in int8 a whole pass and single steps differ.
    if (type === 'fp32') expect(ids).toEqual(await decode(session, prompt, { withCache: false, steps: 20, inputs }));
    expect(new Set(ids.slice(prompt.length)).size).toBeGreaterThan(5);
  });
});

test.each(['text-generation', 'text2text-generation'] as const)('the pipeline %s gives a batch of texts what it gives each', async (task) => {
  const decoder = { 'onnx/model.onnx': disturbed(buildLlamaDecoder(shape, createRandom(1))) };
  const both = buildEncoderDecoder(shape, createRandom(1));
  const pair = { 'onnx/encoder_model.onnx': disturbed(both.encoder), 'onnx/decoder_model_merged.onnx': disturbed(both.decoder) };
  const isDecoder = task === 'text-generation';
  const json = huggingFaceConfig(isDecoder ? 'decoder' : 'encoder-decoder', { shape, tokenizer: aligner });
  const generate = await pipeline(task, await write(task, { models: isDecoder ? decoder : pair, tokenizer: alignerJson, json }));
  const prompts = ['[BOS]is it safe?[INIT]it is.[ALIGNED]', '[BOS]water[INIT]sea[ALIGNED]'];
  const options = { max_new_tokens: 8, eos_token_id: -1 };
  const together: unknown = await generate(prompts, options);
  const alone: unknown[] = [await generate(prompts.slice(0, 1), options), await generate(prompts.slice(1), options)];
  await generate.dispose();
  expect(together).toEqual(alone.flat());
});

describe.each(types)('an encoder-decoder in %s', (type) => {
  const source = [40, 200, 17, 90, 33];

  test('generates what decoding by hand does', async () => {
    const { encoder, decoder } = buildEncoderDecoder({ ...shape, decoderLayers: 1 }, createRandom(1));
    const models = { 'onnx/encoder_model.onnx': disturbed(encoder), 'onnx/decoder_model_merged.onnx': disturbed(decoder) };
    const json = huggingFaceConfig('encoder-decoder', { shape: { ...shape, decoderLayers: 1 }, tokenizer: aligner });
    const directory = await write(`encoder-decoder-${type}`, { models, tokenizer: alignerJson, json });
    const loaded = await AutoModelForSeq2SeqLM.from_pretrained(directory, { dtype: type });
    const generated = await loaded.generate({ inputs: native(source), attention_mask: native(source.map(() => 1)), max_new_tokens: 20, eos_token_id: -1 });
    await loaded.dispose();

    await using encoding = await createSession(fileOf(directory, 'encoder_model', type));
    await using session = await createSession(fileOf(directory, 'decoder_model_merged', type));
    const { last_hidden_state } = await encoding.run({ input_ids: row(source), attention_mask: ones(source.length) });
    if (!last_hidden_state) return expect.unreachable();
    const inputs = (ids: readonly number[]): Cache => ({
      input_ids: row(ids), encoder_hidden_states: last_hidden_state, encoder_attention_mask: ones(source.length),
    });
    const start = [aligner.tokenId(alignerTokens.start) ?? 0];
    const ids = numbers((generated as TransformersTensor).data as BigInt64Array);
    expect(ids).toEqual(await decode(session, start, { withCache: true, steps: 20, inputs }));
    if (type === 'fp32') expect(ids).toEqual(await decode(session, start, { withCache: false, steps: 20, inputs }));
    expect(new Set(ids).size).toBeGreaterThan(5);
  });
});

/** Logits of a model file for one row of ids. */
async function logitsOf(path: string, ids: readonly number[]): Promise<{ dims: readonly number[]; data: number[] }> {
  await using session = await createSession(path);
  const { logits } = await session.run({ input_ids: row(ids), attention_mask: ones(ids.length) }, ['logits']);
  return { dims: logits?.dims ?? [], data: numbers((logits?.data as Float32Array | undefined) ?? []) };
}

const close = (values: readonly number[]): number[] => values.map((value) => expect.closeTo(value, 4) as number);

describe.each(types)('an encoder in %s', (type) => {
  test('tags tokens with the logits of the runtime', async () => {
    const json = huggingFaceConfig('tagger', { shape, labels, tokenizer: aligner });
    const model = disturbed(buildEditTagger({ ...shape, labels: 3 }, createRandom(1)));
    const directory = await write(`tagger-${type}`, { models: { 'onnx/model.onnx': model }, tokenizer: alignerJson, json });
    const tokenizer = await AutoTokenizer.from_pretrained(directory);
    const loaded = await AutoModelForTokenClassification.from_pretrained(directory, { dtype: type });
    const [text = ''] = texts;
    const { logits } = (await loaded(tokenizer(text))) as { logits: TransformersTensor };
    const expected = await logitsOf(fileOf(directory, 'model', type), aligner.encode(text));
    await loaded.dispose();
    expect(logits.dims).toEqual(expected.dims);
    expect(numbers(logits.data as Float32Array)).toEqual(close(expected.data));
    expect(loaded.config).toMatchObject({ id2label: { 0: 'keep', 1: 'delete', 2: 'insert' } });
  });

  test('classifies a batch with padding as it does its rows', async () => {
    const json = huggingFaceConfig('classifier', { shape, labels, tokenizer: exchange });
    const model = disturbed(buildEncoderClassifier({ ...shape, labels: 3 }, createRandom(1)));
    const tokenizer = withExchangeTemplate(exchangeJson);
    const directory = await write(`classifier-${type}`, { models: { 'onnx/model.onnx': model }, tokenizer, json });
    const loaded = await AutoModelForSequenceClassification.from_pretrained(directory, { dtype: type });
    const tokenize = await AutoTokenizer.from_pretrained(directory);
    const batch = [texts[0] ?? '', 'water'];
    const { logits } = (await loaded(tokenize(batch, { padding: true }))) as { logits: TransformersTensor };
    const rows = await Promise.all(batch.map((text) => logitsOf(fileOf(directory, 'model', type), tokenize.encode(text))));
    await loaded.dispose();
    expect(logits.dims).toEqual([2, 3]);
    if (type === 'fp32') expect(numbers(logits.data as Float32Array)).toEqual(close(rows.flatMap(({ data }) => data)));
  });
});

describe('an inspector', () => {
  const config = (): EncoderConfig => ({
    vocabularySize, width: 16, layers: 1, attentionHeads: 2, feedForwardWidth: 32, maxTokens: 64, ngramBuckets: 64,
    criteria: ['ethical', 'factual'], specialIds: exchangeTokenIds((token) => exchange.tokenId(token)),
  });

  test.each([
    { fp32: true }, { fp32: false }, { externalDataFrom: 0 },
  ])('written with %j answers the text-classification pipeline with its criteria', async (options) => {
    const graph = new GraphBuilder();
    const { logits, sentenceLogits } = buildWideAndDeep(graph, initialWeights(graph, new Map(), createRandom(1)), config(), ['batch_size', 'sequence_length']);
    const model = disturbed(graph.model([logits, sentenceLogits], { [logits]: 'logits', [sentenceLogits]: 'sentence_logits' }));
    const json = huggingFaceConfig('inspector', { config: config(), tokenizer: exchange });
    const tokenizer = withExchangeTemplate(exchangeJson);
    const directory = await write(`inspector-${Object.entries(options).join()}`, { models: { 'onnx/model.onnx': model }, tokenizer, json, ...options });
    const classify = await pipeline('text-classification', directory);
    const { start, separator, sentence } = exchangeTokenIds((token) => exchange.tokenId(token));
    const ids = [start, separator, separator, sentence, ...exchange.encode('It is safe.'), separator];
    const { data } = await logitsOf(fileOf(directory, 'model', options.fp32 === false ? 'q8' : 'fp32'), ids);
    const found = (await classify('It is safe.', { top_k: 2 })) as { label: string; score: number }[];
    await classify.dispose();
    const scores = new Map(found.map(({ label, score }) => [label, score]));
    expect(['ethical', 'factual'].map((label) => scores.get(label) ?? -1)).toEqual(close(data.map((value) => 1 / (1 + Math.exp(-value)))));
  });
});

test('the default pack answers the text-classification pipeline with its criteria', async () => {
  const directory = fileURLToPath(packDirectory);
  const classify = await pipeline('text-classification', directory);
  const answer: unknown = await classify('Chase the beggar away, they are all thieves.', { top_k: null });
  const ids = classify.tokenizer.encode('Chase the beggar away, they are all thieves.');
  await classify.dispose();
  const { data } = await logitsOf(join(directory, 'onnx/model_quantized.onnx'), ids);
  const scores = data.map((logit) => expect.closeTo(1 / (1 + Math.exp(-logit)), 4) as number);
  const expected = ['ethical', 'factual', 'helpful'].map((label, index) => ({ label, score: scores[index] }));
  expect(answer).toHaveLength(3);
  expect(answer).toEqual(expect.arrayContaining(expected));
});
