import { describe, expect, test } from 'vitest';
import { promptText } from '../exchange.js';
import type { GenerateEvent, TextGenerator } from '../text-generator.js';
import { functionGenerator, generatorConformance, type GeneratorConformanceOptions } from './index.js';

const request = { prompt: 'Say something.' };
const sound = (): TextGenerator => functionGenerator(({ prompt }) => `You said: ${promptText(prompt).slice(0, 20)} And so on.`);

async function failures(create: () => TextGenerator, more: Partial<GeneratorConformanceOptions> = {}): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of generatorConformance({ create, request, ...more })) {
    await run().catch((error: unknown) => {
      expect(error).toMatchObject({ name: 'AlignSquadError', code: 'conformance' });
      failed.push(name);
    });
  }
  return failed;
}

function broken(generate: (...call: Parameters<TextGenerator['generate']>) => AsyncIterable<GenerateEvent>): () => TextGenerator {
  return () => ({ ...sound(), generate });
}

describe('a sound generator passes', () => {
  for (const { name, run } of generatorConformance({ create: sound, request })) test(name, run);
});

describe('a broken generator is caught', () => {
  let calls = 0;
  const stream = 'gives text, then exactly one `end`';
  test.each<[string, () => TextGenerator, string]>([
    ['gives no end', broken(async function* () { yield { type: 'text', text: 'abcd' }; }), stream],
    ['gives no text', broken(async function* () { yield { type: 'end', reason: 'stop' }; }), stream],
    [
      'gives two ends',
      broken(async function* (asked) {
        yield* sound().generate(asked);
        yield { type: 'end', reason: 'stop' };
      }),
      stream,
    ],
    [
      'gives text after the end',
      broken(async function* (asked) {
        yield* sound().generate(asked);
        yield { type: 'text', text: 'late' };
      }),
      stream,
    ],
    // As a generator without types could.
    ['gives text that is none', broken(async function* () { yield { type: 'text', text: 5 as unknown as string }; }), stream],
    ['ends for an unheard-of reason', broken(async function* () { yield { type: 'end', reason: 'tired' as 'stop' }; }), stream],
    [
      'changes from call to call',
      () => functionGenerator(() => `This is call ${calls++} of many.`),
      'completes the same request in the same way',
    ],
    ['runs over its stop texts', broken((asked, options) => sound().generate({ ...asked, stop: [] }, options)), 'ends before a stop text'],
    [
      'looks at its first stop text only',
      broken((asked, options) => sound().generate({ ...asked, stop: asked.stop?.slice(0, 1) }, options)),
      'ends before a stop text',
    ],
    [
      'gives its stop text too',
      broken(async function* (asked, options) {
        for await (const event of sound().generate(asked, options)) {
          if (event.type === 'end' && asked.stop) yield { type: 'text', text: asked.stop.at(-1) ?? '' };
          yield event;
        }
      }),
      'ends before a stop text',
    ],
    [
      'gives more tokens than it may',
      broken((asked, options) => sound().generate({ ...asked, maxTokens: undefined }, options)),
      'gives no more tokens than it may',
    ],
    [
      'hides that it was cut off',
      broken(async function* (asked, options) {
        for await (const event of sound().generate(asked, options)) yield event.type === 'end' ? { type: 'end', reason: 'stop' } : event;
      }),
      'gives no more tokens than it may',
    ],
    [
      'crashes on lone surrogates',
      () => functionGenerator(({ prompt }) => `Encoded as ${encodeURIComponent(promptText(prompt))}`),
      'takes a lone low surrogate as prompt and in messages',
    ],
    [
      'crashes on an empty prompt',
      () =>
        functionGenerator(({ prompt }) => {
          if (prompt === '') throw new TypeError('broken');
          return promptText(prompt);
        }),
      'takes empty as prompt and in messages',
    ],
    ['ignores its signal', broken((asked) => sound().generate(asked)), 'throws the reason of a signal that is aborted before'],
    [
      'looks at its signal only at first',
      broken(async function* (asked, options) {
        options?.signal?.throwIfAborted();
        yield* sound().generate(asked);
      }),
      'throws the reason of a signal that is aborted after the first text',
    ],
    [
      'wraps the reason',
      broken(async function* (asked, options) {
        try {
          yield* sound().generate(asked, options);
        } catch (cause) {
          throw new TypeError('broken', { cause });
        }
      }),
      'throws the reason of a signal that is aborted before',
    ],
    [
      'leaves a listener when its reader stops early',
      broken(async function* (asked, options) {
        const listener = (): void => undefined;
        options?.signal?.addEventListener('abort', listener);
        yield* sound().generate(asked, options);
        options?.signal?.removeEventListener('abort', listener);
      }),
      'lets its reader stop early, and leaves no listener on the signal',
    ],
    ['mixes up what runs at once', mixing, 'completes a request beside another as alone'],
    ['has no version', () => ({ ...sound(), version: '' }), 'describes itself'],
  ])('one that %s', async (_, create, caughtBy) => {
    expect(await failures(create)).toContain(caughtBy);
  });
});

/** A generator that forgets one request as the next comes in. */
function mixing(): TextGenerator {
  let latest = sound();
  return {
    ...sound(),
    async *generate(asked, options) {
      latest = functionGenerator(() => `You said: ${promptText(asked.prompt).slice(0, 20)}`);
      await new Promise(setImmediate);
      yield* latest.generate(asked, options);
    },
  };
}

test('a generator that can not do a thing is not checked for it', async () => {
  let calls = 0;
  const sampler = (): TextGenerator => ({
    ...sound(),
    generate: (asked, options) => functionGenerator(() => `This is call ${calls++} of many.`).generate({ ...asked, maxTokens: undefined, stop: undefined }, options),
  });
  expect(await failures(sampler)).not.toEqual([]);
  expect(await failures(sampler, { limits: { repeat: 'It samples.', maxTokens: 'It has none.', stop: 'It has none.' } })).toEqual([]);
});

test('a generator that need not take any text may fail on one, but not crash', async () => {
  const refusing = (error: (text: string) => unknown) => (): TextGenerator => ({
    ...sound(),
    async *generate(asked, options) {
      const text = promptText(asked.prompt);
      if (text.includes('\ud83d')) throw error(text);
      yield* sound().generate(asked, options);
    },
  });
  const limits = { anyText: 'It takes well-formed text only.' };
  const failing = functionGenerator(() => { throw new TypeError('broken'); });
  const failed = await failing.generate(request)[Symbol.asyncIterator]().next().catch((error: unknown) => error);
  expect(await failures(refusing(() => failed), { limits })).toEqual([]);
  expect(await failures(refusing(() => new TypeError('broken')), { limits })).not.toEqual([]);
});
