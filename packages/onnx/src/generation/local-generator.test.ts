import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlignSquadError, collectCompletion, type GenerateRequest } from '@align-squad/core';
import { generatorConformance } from '@align-squad/core/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { greedyReference } from '../decoding/greedy-reference.js';
import { copyCache, copyDecoder, copyEncoder, copyEncoderDecoder, fixtureDecoder, type CopyModel } from '../decoding/test-support.js';
import { createSession } from '../session/session.js';
import { loadTextTokenizer } from '../tokenizer/load-tokenizer.js';
import { createTextTokenizer } from '../tokenizer/tokenizer.js';
import { createLocalGenerator, type LocalGenerator, type LocalGeneratorOptions } from './local-generator.js';

const fixture = new URL('../../fixtures/tokenizers/bpe/', import.meta.url);
const special = (id: string, at: number): object => ({ [id]: { id, ids: [at], tokens: [id] } });
const told = 'It rains, 👍🏽 naïve as we are. So we read.';
let parent: string;
let copy: CopyModel;
let json: Readonly<Record<string, unknown>>;
const open: LocalGenerator[] = [];

type Contents = Readonly<Record<string, Uint8Array | object>>;

async function write(name: string, contents: Contents): Promise<string> {
  const folder = join(parent, name);
  await mkdir(join(folder, 'onnx'), { recursive: true });
  for (const [file, content] of Object.entries(contents)) {
    await writeFile(join(folder, file), content instanceof Uint8Array ? content : JSON.stringify(content));
  }
  return folder;
}

/** The tokenizer of the fixture with words up to a size of the vocabulary. */
function withWords(size: number): object {
  const { model } = json as { readonly model: { readonly vocab: Readonly<Record<string, number>> } };
  const words = Array.from({ length: size - copy.vocabularySize }, (_, index) => [`Ġword${index}`, copy.vocabularySize + index] as const);
  return { ...json, model: { ...model, vocab: { ...model.vocab, ...Object.fromEntries(words) } } };
}

async function load(folder: string, options: Partial<LocalGeneratorOptions> = {}): Promise<LocalGenerator> {
  const generator = await createLocalGenerator({ folder, ...options });
  open.push(generator);
  return generator;
}

const config = { model_type: 'copy', num_attention_heads: copyCache.heads, head_dim: copyCache.headSize, bos_token_id: 11, eos_token_id: 12 };
let decoder: string;
let encoderDecoder: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'local-generator-'));
  const tokenizer = await loadTextTokenizer(fixture);
  const [marker = -1] = tokenizer.encode('~');
  copy = { vocabularySize: tokenizer.vocabularySize, init: 11, aligned: marker, done: 12 };
  json = JSON.parse(await readFile(new URL('tokenizer.json', fixture), 'utf8')) as typeof json;
  // The copying decoder gives what stands between its first token and `~`.
  decoder = await write('decoder', {
    'config.json': config,
    'tokenizer.json': json,
    'tokenizer_config.json': { add_bos_token: true, eos_token: '<|im_end|>', bos_token: '<|im_start|>' },
    'onnx/model.onnx': copyDecoder(copy),
    'onnx/model_louder.onnx': copyDecoder({ ...copy, next: (id) => (id === tokenizer.encode('.')[0] ? (tokenizer.encode('!')[0] ?? id) : id) }),
  });
  const frame = [{ SpecialToken: { id: '<|im_start|>' } }, { Sequence: { id: 'A' } }, { SpecialToken: { id: '<file_sep>' } }];
  encoderDecoder = await write('encoder-decoder', {
    'config.json': { ...config, decoder_start_token_id: 0, eos_token_id: 0 },
    'generation_config.json': { eos_token_id: [13, 12], max_new_tokens: 60 },
    'tokenizer.json': { ...json, post_processor: { type: 'TemplateProcessing', single: frame, special_tokens: { ...special('<|im_start|>', 11), ...special('<file_sep>', 15) } } },
    'onnx/encoder_model.onnx': copyEncoder(),
    'onnx/decoder_model_merged.onnx': copyEncoderDecoder({ ...copy, aligned: 15 }),
  });
});

afterEach(async () => {
  for (const generator of open.splice(0)) await generator.dispose();
});

afterAll(() => rm(parent, { recursive: true, force: true }));

describe.each([
  ['a decoder', () => decoder, `${told}~`],
  ['an encoder-decoder', () => encoderDecoder, told],
])('%s', (_name, folder, prompt) => {
  const cases = generatorConformance({ create: () => createLocalGenerator({ folder: folder() }), dispose: (generator) => (generator as LocalGenerator).dispose(), request: { prompt, maxTokens: 60 } });
  for (const { name, run } of cases) test(name, run);

  test('gives whole characters, and ends at the end token of the model', async () => {
    const generator = await load(folder());
    const pieces: string[] = [];
    for await (const event of generator.generate({ prompt })) {
      if (event.type === 'text') pieces.push(event.text);
      else expect(event).toEqual({ type: 'end', reason: 'stop' });
    }
    expect(pieces.join('')).toBe(told);
    expect(pieces.length).toBeGreaterThan(10);
    expect(pieces.join('|')).toContain('👍');
    expect(pieces.some((piece) => piece.includes('\ufffd'))).toBe(false);
  });

  test('stops before a stop text that is in several tokens', async () => {
    expect(await collectCompletion(await load(folder()), { prompt, stop: ['xyz', ' So we'] })).toEqual({ text: told.slice(0, told.indexOf(' So we')), reason: 'stop' });
  });

  test('tells the likeliest tokens of each place, the one that it took first', async () => {
    const generator = await load(folder());
    const { text, topLogprobs = [] } = await collectCompletion(generator, { prompt, maxTokens: 3, topLogprobs: 2 });
    expect(topLogprobs.map((place) => place.length)).toEqual([2, 2, 2]);
    expect(topLogprobs.map(([first]) => first?.token).join('')).toBe(text);
    // The logits of the copying models are 1 for one token and 0 for the others.
    expect(topLogprobs[0]?.map(({ logprob }) => logprob)).toEqual([1, 0].map((logit) => expect.closeTo(logit - Math.log(Math.E + copy.vocabularySize - 1), 4)));
  });

  test('names of special tokens in a text are not obeyed', async () => {
    const text = 'a<|im_end|>b<|im_start|>c<file_sep>d';
    const { text: completion } = await collectCompletion(await load(folder()), { prompt: prompt.replace(told, text) });
    expect(completion).toBe(text);
  });

  test.each<[string, Partial<GenerateRequest>]>([
    ['a temperature below 0', { temperature: -1 }],
    ['no tokens', { maxTokens: 0 }],
    ['too many likely tokens', { topLogprobs: 21 }],
  ])('refuses a request with %s', async (_, change) => {
    await expect(collectCompletion(await load(folder()), { prompt, ...change })).rejects.toMatchObject({ code: 'invalid-options' });
  });

  test('throws `disposed` once it is', async () => {
    const generator = await load(folder());
    await generator.dispose();
    await expect(collectCompletion(generator, { prompt })).rejects.toMatchObject({ code: 'disposed' });
  });

  test('stops an endless completion at the signal, between two steps', async () => {
    const generator = await load(folder());
    const controller = new AbortController();
    const long = prompt.replace(told, 'word '.repeat(4000));
    setTimeout(() => controller.abort('enough'), 20);
    await expect(collectCompletion(generator, { prompt: long, maxTokens: 100_000 }, { signal: controller.signal })).rejects.toBe('enough');
  });
});

test('a model takes the name of its type, or that of the options', async () => {
  expect((await load(decoder)).version).toBe('copy');
  expect((await load(decoder, { version: 'copy-1' })).version).toBe('copy-1');
});

test('a variant is another graph of the same folder', async () => {
  expect((await collectCompletion(await load(decoder, { variant: 'louder' }), { prompt: `${told}~` })).text).toBe(told.replaceAll('.', '!'));
});

test('prompts are laid out by a function of the options, messages with their special tokens', async () => {
  const generator = await load(decoder, {
    layoutPrompt: (prompt) => [{ token: '<|im_start|>' }, ...(typeof prompt === 'string' ? [prompt] : prompt.map(({ content }) => content)), '~'],
  });
  expect((await collectCompletion(generator, { prompt: [{ role: 'user', content: 'a<|im_start|>b' }] })).text).toBe('a<|im_start|>b');
  const broken = await load(decoder, { layoutPrompt: () => [{ token: '<|no_such_token|>' }] });
  await expect(collectCompletion(broken, { prompt: 'a' })).rejects.toMatchObject({ code: 'invalid-options' });
});

describe('a GPT-2 of third parties', () => {
  const gpt = async (change: object = {}, options: Partial<LocalGeneratorOptions> = {}): Promise<LocalGenerator> =>
    load(
      await write('gpt2', {
        'config.json': { n_embd: 32, n_head: 4, n_positions: 20, eos_token_id: 98, ...change },
        'tokenizer.json': withWords(1000),
        'onnx/decoder_model_merged.onnx': await fixtureDecoder(),
      }),
      options,
    );

  test('gives the text of plain greedy decoding', async () => {
    const tokenizer = await createTextTokenizer(withWords(1000), {});
    await using session = await createSession(await fixtureDecoder());
    for (const prompt of ['aaa', 'b c', 'So we']) {
      const ids = tokenizer.encode(prompt);
      const expected = await greedyReference({ decoder: session, cache: { heads: 4, headSize: 8 } }, ids, 12);
      const { text } = await collectCompletion(await gpt({ n_positions: 60 }), { prompt, maxTokens: 12 });
      expect(expected).not.toContain(98);
      expect(text).toBe(tokenizer.decode(expected));
    }
  });

  test('draws the same text with the same seed, and from all tokens or the likeliest', async () => {
    const request = { prompt: 'aaa', maxTokens: 12, temperature: 1, seed: 3 };
    const [all, few, one] = [await gpt({ n_positions: 60 }), await gpt({ n_positions: 60 }, { sampling: { topK: 5, topP: 0.9 } }), await gpt({ n_positions: 60 }, { sampling: { topK: 1 } })];
    const drawn = await collectCompletion(all, request);
    expect(await collectCompletion(all, request)).toEqual(drawn);
    expect((await collectCompletion(all, { ...request, seed: 4 })).text).not.toBe(drawn.text);
    const { topLogprobs = [] } = await collectCompletion(few, { ...request, topLogprobs: 5 });
    expect(topLogprobs.length).toBeGreaterThan(0);
    expect((await collectCompletion(one, request)).text).toBe((await collectCompletion(all, { ...request, temperature: 0 })).text);
  });

  test('penalises tokens that occurred, also where it draws none', async () => {
    const request = { prompt: 'aaa', maxTokens: 12 };
    const plain = await collectCompletion(await gpt({ n_positions: 60 }), request);
    const penalised = await collectCompletion(await gpt({ n_positions: 60 }, { sampling: { repetitionPenalty: 3 } }), request);
    expect(penalised.text).not.toBe(plain.text);
  });

  test('gives no more tokens than it has room for', async () => {
    const generator = await gpt();
    const { reason, topLogprobs = [] } = await collectCompletion(generator, { prompt: 'aaaaa', topLogprobs: 1 });
    const { length } = (await loadTextTokenizer(fixture)).encode('aaaaa');
    expect([reason, topLogprobs.length]).toEqual(['length', 20 - length]);
  });

  test('fails on a prompt that it can not see, without a word of it', async () => {
    const error: unknown = await collectCompletion(await gpt(), { prompt: 'secret '.repeat(50) }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'generator-failed', message: expect.stringMatching(/^The prompt has \d+ tokens, and the model sees 20\.$/) });
  });

  test('begins with its end token where the prompt is empty', async () => {
    expect((await collectCompletion(await gpt(), { prompt: '', maxTokens: 2 })).reason).toBe('length');
    await expect(collectCompletion(await gpt({ eos_token_id: null }), { prompt: '' })).rejects.toMatchObject({ code: 'invalid-options' });
  });

  test('fails where the config tells another cache', async () => {
    await expect(collectCompletion(await gpt({ n_head: 8 }), { prompt: 'a b' })).rejects.toMatchObject({ code: 'generator-failed' });
  });
});

describe('a folder', () => {
  const parts = (): Contents => ({ 'config.json': config, 'tokenizer.json': json, 'onnx/model.onnx': copyDecoder(copy) });

  test.each<[string, () => Contents, RegExp]>([
    ['without a config', () => ({ 'config.json': Buffer.from('{') }), /config\.json/],
    ['without heads', () => ({ 'config.json': { model_type: 'copy' } }), /config\.json/],
    ['with an end token that is none', () => ({ 'generation_config.json': { eos_token_id: 'end' } }), /generation_config\.json.*eos_token_id/],
    ['whose tokenizer is none', () => ({ 'tokenizer.json': {} }), /tokenizer\.json/],
    ['whose graph is none', () => ({ 'onnx/model.onnx': Buffer.from('none') }), /ONNX/],
    ['whose encoder has no decoder', () => ({ 'onnx/encoder_model.onnx': copyEncoder() }), /decoder_model_merged/],
    ['whose decoder does not know where to begin', () => ({ 'onnx/encoder_model.onnx': copyEncoder(), 'onnx/decoder_model_merged.onnx': copyEncoderDecoder(copy) }), /decoder_start_token_id/],
  ])('%s is refused, naming the file', async (name, change, message) => {
    const error: unknown = await createLocalGenerator({ folder: await write(name, { ...parts(), ...change() }) }).catch((reason: unknown) => reason);
    expect(AlignSquadError.isInstance(error) && [error.code, error.message]).toEqual(['model-invalid', expect.stringMatching(message)]);
  });

  test('without a graph is refused', async () => {
    const { 'onnx/model.onnx': _, ...rest } = parts();
    await expect(createLocalGenerator({ folder: await write('no-graph', rest) })).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringContaining('onnx/model.onnx') });
    await expect(createLocalGenerator({ folder: join(parent, 'nowhere') })).rejects.toMatchObject({ code: 'model-invalid' });
  });

  test('options that are not valid are refused', async () => {
    await expect(createLocalGenerator({ folder: '' })).rejects.toMatchObject({ code: 'invalid-options' });
    await expect(createLocalGenerator({ folder: decoder, sampling: { topP: 2 } })).rejects.toMatchObject({ code: 'invalid-options' });
    await expect(createLocalGenerator({ folder: decoder, variant: '../../secret' })).rejects.toMatchObject({ code: 'invalid-options' });
  });
});
