import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectCompletion, type GenerateRequest } from '@align-squad/core';
import { generatorConformance } from '@align-squad/core/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fakeBinding, type FakeBindingOptions } from './doubles/test-support.js';
import { loadLlamaBinding } from './llama-binding.js';
import { createGeneratorOver, createLlamaGenerator, type LlamaGenerator, type LlamaGeneratorOptions } from './llama-generator.js';
import { chatTemplate, randomModel, tellingModel, vocabularySize } from './test-support.js';

const told = 'Hi\u{1f44d}, so.';
const secret = 'the text of a user';
const isInstalled = await loadLlamaBinding().then(() => true, () => false);
const open: LlamaGenerator[] = [];
const shared = new Map<string, Promise<LlamaGenerator>>();
let folder = '';
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'llama-'));
  await writeFile(path('random.gguf'), randomModel(1));
  await writeFile(path('telling.gguf'), tellingModel(told, '>'.charCodeAt(0)));
  await writeFile(path('chat.gguf'), tellingModel(told, '\n'.charCodeAt(0), chatTemplate));
});

afterEach(async () => {
  for (const generator of open.splice(0)) await generator.dispose();
});

afterAll(async () => {
  for (const [generator] of await Promise.all([...shared.values()].map((opening) => Promise.allSettled([opening])))) if (generator.status === 'fulfilled') await generator.value.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Writes `told` after `first`, and ends after it. */
const telling = (first: number) => (tokens: readonly number[]): number => {
  const bytes = [first, ...Buffer.from(told), 258];
  return bytes[bytes.indexOf(tokens.at(-1) ?? 0) + 1] ?? 258;
};
// Looks at all tokens, as a model with attention does.
const endless = (tokens: readonly number[]): number => 32 + (tokens.reduce((sum, token) => (sum * 31 + token) % 8191, 7) % 94);

async function openFake(options: FakeBindingOptions, given: Partial<LlamaGeneratorOptions> = {}): Promise<LlamaGenerator> {
  return keep(createGeneratorOver(async () => fakeBinding(options), { modelPath: path('telling.gguf'), ...given }));
}

async function keep(opening: Promise<LlamaGenerator>): Promise<LlamaGenerator> {
  const generator = await opening;
  open.push(generator);
  return generator;
}

type Open = (name: 'random' | 'telling' | 'chat', options?: Partial<LlamaGeneratorOptions>) => Promise<LlamaGenerator>;
const openDouble: Open = (name, options) =>
  openFake({ next: name === 'random' ? endless : telling((name === 'chat' ? '\n' : '>').charCodeAt(0)), chatTemplate: name === 'chat' ? chatTemplate : undefined }, options);
// Each start of llama.cpp takes a second, so tests with the same options share a model.
const openReal: Open = (name, options) => {
  const key = JSON.stringify([name, options]);
  const opening = shared.get(key) ?? createLlamaGenerator({ modelPath: path(`${name}.gguf`), ...options });
  shared.set(key, opening);
  return opening;
};

describe.each<[string, Open, boolean]>([
  ['a double of node-llama-cpp', openDouble, true],
  [`node-llama-cpp${isInstalled ? '' : ' (skipped: it is not installed)'}`, openReal, isInstalled],
])('over %s', (_, openModel, isThere) => {
  const there = describe.skipIf(!isThere);

  there.each(['random', 'chat'] as const)('a model named %s', (model) => {
    const request = { prompt: 'How does rain come about?', maxTokens: 40 };
    const cases = generatorConformance({ create: () => openModel(model, { contextSize: 16_384 }), request });
    for (const { name: title, run } of cases) test(title, run);
  });

  there('a text', () => {
    test.each(['telling', 'chat'] as const)('comes in whole characters, and ends at the end token (%s)', async (model) => {
      const pieces: string[] = [];
      for await (const event of (await openModel(model)).generate({ prompt: 'a>' })) {
        if (event.type === 'text') pieces.push(event.text);
        else expect(event).toEqual({ type: 'end', reason: 'stop' });
      }
      expect(pieces).toEqual([...told]);
    });

    test('is cut before half a character, and before a stop text of several tokens', async () => {
      const generator = await openModel('telling');
      expect(await collectCompletion(generator, { prompt: '>', maxTokens: 4 })).toEqual({ text: 'Hi', reason: 'length' });
      expect(await collectCompletion(generator, { prompt: '>', stop: ['xyz', ', so'] })).toEqual({ text: 'Hi\u{1f44d}', reason: 'stop' });
    });

    test('has no more tokens than there is room for', async () => {
      const generator = await openModel('random', { contextSize: 256 });
      const { text, reason } = await collectCompletion(generator, { prompt: 'a'.repeat(200), maxTokens: 1000 });
      expect([text.length, reason]).toEqual([56, 'length']);
    });

    test('follows the last token of a prompt with names of special tokens spelt out', async () => {
      const generator = await openModel('telling');
      for (const prompt of ['<|im_end|>', '<|endoftext|>', 'a<|im_start|>']) expect((await collectCompletion(generator, { prompt })).text).toBe(told);
    });

    test('of a message spells names of special tokens out too', async () => {
      // Obeyed, they would be 40 tokens, and fit.
      const reading = collectCompletion(await openModel('chat', { contextSize: 256 }), { prompt: '<|im_end|>'.repeat(40) });
      await expect(reading).rejects.toMatchObject({ code: 'generator-failed', message: expect.stringMatching(/^The prompt has 4\d\d tokens/) });
    });

    test('that a prompt leaves no room for is a failure, without a word of the prompt', async () => {
      const generator = await openModel('telling', { contextSize: 256 });
      const error: unknown = await collectCompletion(generator, { prompt: secret.repeat(50) }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'generator-failed', message: 'The prompt has 900 tokens, and `contextSize` is 256.' });
      expect((await collectCompletion(generator, { prompt: '>' })).text).toBe(told);
    });
  });

  there('requests', () => {
    test('together are told as alone, one after the other or several at once', async () => {
      for (const sequences of [1, 3]) {
        const generator = await openModel('chat', { sequences });
        const completions = await Promise.all(Array.from({ length: 7 }, () => collectCompletion(generator, { prompt: 'a' })));
        expect(completions).toEqual(Array.from({ length: 7 }, () => ({ text: told, reason: 'stop' })));
      }
    });

    test('that wait can be left, and leave their turn to others', async () => {
      const generator = await openModel('random');
      const first = generator.generate({ prompt: 'a' })[Symbol.asyncIterator]();
      await first.next();
      const controller = new AbortController();
      const left = collectCompletion(generator, { prompt: 'b' }, { signal: controller.signal });
      const next = collectCompletion(generator, { prompt: 'c', maxTokens: 2 });
      controller.abort('enough');
      await expect(left).rejects.toBe('enough');
      await first.return?.();
      expect((await next).reason).toBe('length');
    });

    test('end at the signal between two tokens, and amid a long prompt', async () => {
      const generator = await openModel('random', { contextSize: 16_384 });
      for (const prompt of ['a', 'word '.repeat(1500)]) {
        const controller = new AbortController();
        setTimeout(() => controller.abort('enough'), 10);
        await expect(collectCompletion(generator, { prompt }, { signal: controller.signal })).rejects.toBe('enough');
      }
      expect((await collectCompletion(generator, { prompt: 'a', maxTokens: 2 })).reason).toBe('length');
    });

    test('that run, wait or come later are told `disposed`', async () => {
      const generator = await openModel('random', { version: 'disposed' });
      const running = generator.generate({ prompt: 'a' })[Symbol.asyncIterator]();
      await running.next();
      const waiting = collectCompletion(generator, { prompt: 'b' });
      const refused = expect(waiting).rejects.toMatchObject({ code: 'disposed' });
      const atWork = expect(running.next().then(() => running.next())).rejects.toMatchObject({ code: 'disposed' });
      await Promise.all([generator.dispose(), generator.dispose()]);
      await Promise.all([refused, atWork]);
      await expect(collectCompletion(generator, { prompt: 'c' })).rejects.toMatchObject({ code: 'disposed' });
    });

    test.each<[string, Partial<GenerateRequest>, Partial<LlamaGeneratorOptions>]>([
      ['no tokens', { maxTokens: 0 }, {}],
      ['a temperature below 0', { temperature: -1 }, {}],
      ['too many likely tokens', { topLogprobs: 21 }, {}],
      ['likely tokens of a sampling that is cut off', { topLogprobs: 2, temperature: 1 }, { topK: 4 }],
    ])('for %s are refused', async (_, change, options) => {
      await expect(collectCompletion(await openModel('telling', options), { prompt: '>', ...change })).rejects.toMatchObject({ code: 'invalid-options' });
    });
  });

  there('a model', () => {
    test('takes the name of its file, or that of the options', async () => {
      expect((await openModel('telling')).version).toBe('telling');
      expect((await openModel('telling', { version: 'tiny-1' })).version).toBe('tiny-1');
    });

    test('lays prompts out by its template or as text, as it is told', async () => {
      // Without the line end of the template nothing begins the text.
      expect((await collectCompletion(await openModel('chat', { layout: 'text' }), { prompt: 'a\n', maxTokens: 20 })).text).toBe(told);
      await expect(openModel('telling', { layout: 'chat' })).rejects.toMatchObject({ code: 'invalid-options' });
    });
  });
});

describe.skipIf(!isInstalled)('llama.cpp itself', () => {
  test('keeps to a JSON schema', async () => {
    const generator = await openReal('random');
    const schema = { type: 'object', properties: { ok: { type: 'boolean' }, label: { anyOf: [{ const: 'a' }, { type: 'null' }] } }, required: ['ok', 'label'] };
    for (const temperature of [0, 1]) {
      const { text, reason } = await collectCompletion(generator, { prompt: 'a', maxTokens: 200, temperature, seed: 1, schema: { name: 'answer', schema } });
      expect(JSON.parse(text)).toEqual({ ok: expect.any(Boolean), label: expect.toBeOneOf(['a', null]) });
      expect([reason, text]).toEqual(['stop', text.trim()]);
    }
  });

  test('samples by the seed, and cuts off where it is told', async () => {
    const generator = await openReal('random');
    const sample = async (from: LlamaGenerator, seed?: number): Promise<string> => (await collectCompletion(from, { prompt: 'a', temperature: 2, maxTokens: 30, seed })).text;
    expect(await sample(generator, 7)).toBe(await sample(generator, 7));
    expect(await sample(generator, 7)).not.toBe(await sample(generator, 8));
    expect(await sample(generator)).not.toBe(await sample(generator));
    const greedy = (await collectCompletion(generator, { prompt: 'a', maxTokens: 30 })).text;
    expect(await sample(await openReal('random', { topK: 1 }), 7)).toBe(greedy);
    expect(await sample(await openReal('random', { topP: 1e-6 }), 7)).toBe(greedy);
  });

  test.each([0, 1, 0.5, 2])('tells the probabilities that the model has, sampled at temperature %j', async (temperature) => {
    const { topLogprobs = [] } = await collectCompletion(await openReal('telling'), { prompt: '>', maxTokens: 2, temperature, seed: 3, topLogprobs: 2 });
    expect(topLogprobs).toHaveLength(2);
    // Its logits are 5 for one token and 0 for the others.
    expect(topLogprobs[0]?.[0]?.token).toBe('H');
    expect(topLogprobs[0]?.map(({ logprob }) => logprob)).toEqual([5, 0].map((logit) => expect.closeTo(logit - Math.log(Math.exp(5) + vocabularySize - 1), 3)));
  });

  test('refuses a file that only begins as a GGUF file does', async () => {
    await writeFile(path('broken.gguf'), randomModel(1).subarray(0, 9000));
    await expect(createLlamaGenerator({ modelPath: path('broken.gguf') })).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringContaining('broken.gguf') });
  });

  test('takes a graphics card only where there is one', async () => {
    expect((await collectCompletion(await openReal('telling', { gpu: 'auto' }), { prompt: '>' })).text).toBe(told);
  });
});

describe('around the library', () => {
  test('a long prompt comes in pieces', async () => {
    const binding = fakeBinding({ next: telling(62) });
    const generator = await keep(createGeneratorOver(async () => binding, { modelPath: path('telling.gguf') }));
    await collectCompletion(generator, { prompt: '>'.repeat(1200) });
    expect(binding.pieces).toEqual([512, 512, 176]);
  });

  test('no more requests are at work than there are sequences', async () => {
    const binding = fakeBinding({ next: telling(62) });
    const generator = await keep(createGeneratorOver(async () => binding, { modelPath: path('telling.gguf'), sequences: 2 }));
    await Promise.all(Array.from({ length: 5 }, () => collectCompletion(generator, { prompt: '>' })));
    expect(binding.most()).toBe(2);
  });

  test('a schema that is no grammar is left to the prompt', async () => {
    const binding = fakeBinding({ next: telling(62) });
    const generator = await keep(createGeneratorOver(async () => binding, { modelPath: path('telling.gguf') }));
    for (const schema of [{ $ref: '#/$defs/a' }, { type: 'boolean' }]) expect((await collectCompletion(generator, { prompt: '>', schema: { name: 'a', schema } })).text).toBe(told);
    expect(binding.schemas).toEqual([{ type: 'boolean' }]);
  });

  test('a text that ends an answer by the template is no part of it', async () => {
    const generator = await openFake({ next: telling(10), chatTemplate, trigger: ', so' });
    expect(await collectCompletion(generator, { prompt: 'a' })).toEqual({ text: 'Hi\u{1f44d}', reason: 'stop' });
  });

  test('all is freed once, the context before its model', async () => {
    const binding = fakeBinding({ next: telling(62) });
    const generator = await createGeneratorOver(async () => binding, { modelPath: path('telling.gguf') });
    await generator.dispose();
    await generator[Symbol.asyncDispose]();
    expect(binding.disposed).toEqual(['context', 'model', 'llama']);
  });

  test.each([
    ['getLlama', 'missing-dependency', []],
    ['loadModel', 'model-invalid', ['llama']],
    ['resolveChatWrapper', 'model-invalid', ['context', 'model', 'llama']],
  ] as const)('a failure of %s is told as `%s`, and nothing stays open', async (failing, code, disposed) => {
    const binding = fakeBinding({ next: endless, failing, chatTemplate });
    await expect(createGeneratorOver(async () => binding, { modelPath: path('telling.gguf') })).rejects.toMatchObject({ code });
    expect(binding.disposed).toEqual(disposed);
  });

  test.each(['generateContextState', 'evaluate'] as const)('a failure of %s is one of the generator', async (failing) => {
    const error: unknown = await collectCompletion(await openFake({ next: endless, failing, chatTemplate }), { prompt: secret }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'generator-failed', message: expect.not.stringContaining(secret) });
  });
});
