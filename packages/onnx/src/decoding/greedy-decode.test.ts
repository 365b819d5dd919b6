import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSession, type OnnxSession } from '../session/session.js';
import { greedyDecode, greedyDecodeEncoded, type GreedyDecodeOptions } from './greedy-decode.js';
import { copyCache, copyDecoder, copyEncoder, copyEncoderDecoder, fixtureDecoder, type CopyModel } from './test-support.js';

const copy: CopyModel = { vocabularySize: 50, init: 1, aligned: 2, done: 3, next: (id) => (id === 40 ? 41 : id) };
const source = [9, 9, copy.init, 10, 40, 12, copy.aligned];
const gptCache = { heads: 4, headSize: 8 };
const sessions: OnnxSession[] = [];
let gpt: OnnxSession;
let decoder: OnnxSession;
let encoder: OnnxSession;
let encoderDecoder: OnnxSession;

async function open(model: Uint8Array): Promise<OnnxSession> {
  const session = await createSession(model);
  sessions.push(session);
  return session;
}

beforeAll(async () => {
  gpt = await open(await fixtureDecoder());
  decoder = await open(copyDecoder(copy));
  encoder = await open(copyEncoder());
  encoderDecoder = await open(copyEncoderDecoder(copy));
});

afterAll(async () => {
  for (const session of sessions) await session.dispose();
});

async function collect(tokens: AsyncIterable<number>): Promise<number[]> {
  const ids: number[] = [];
  for await (const id of tokens) ids.push(id);
  return ids;
}

const decode = (change: Partial<GreedyDecodeOptions> = {}, session = decoder): Promise<number[]> =>
  collect(greedyDecode(session, { ids: source, maxTokens: 20, stopId: copy.done, cache: copyCache, ...change }));
const decodeEncoded = (change: Partial<GreedyDecodeOptions> = {}): Promise<number[]> =>
  collect(greedyDecodeEncoded({ encoder, decoder: encoderDecoder }, { ids: source, maxTokens: 20, stopId: copy.done, startId: 0, cache: copyCache, ...change }));

/** The session, which tells `seen` of the inputs of each run. */
function watch(session: OnnxSession, seen: (inputs: Parameters<OnnxSession['run']>[0], outputs: Parameters<OnnxSession['run']>[1]) => void): OnnxSession {
  return { ...session, run: (inputs, outputs) => (seen(inputs, outputs), session.run(inputs, outputs)) };
}

// What the project that publishes this model expects of it, in its own tests.
test.each([
  [[0, 0, 0, 52], [204, 204, 204, 204, 204, 204]],
  [[0, 0, 195, 731], [731, 114, 114, 114, 114, 114]],
])('a GPT-2 of third parties continues %j with %j', async (ids, expected) => {
  expect(await collect(greedyDecode(gpt, { ids, maxTokens: 6, cache: gptCache }))).toEqual(expected);
});

test('each token is the likeliest one after all tokens before it', async () => {
  const ids = [12, 345, 678, 9, 901];
  const tokens = await collect(greedyDecode(gpt, { ids, maxTokens: 16, cache: gptCache }));
  for (const [index, token] of tokens.entries()) {
    const [first] = await collect(greedyDecode(gpt, { ids: [...ids, ...tokens.slice(0, index)], maxTokens: 1, cache: gptCache }));
    expect(first).toBe(token);
  }
});

describe.each([
  ['a decoder', decode],
  ['an encoder-decoder', decodeEncoded],
])('%s', (_name, run) => {
  test('gives the tokens to the end token, which is the last', async () => {
    expect(await run()).toEqual([10, 41, 12, copy.done]);
  });

  test('gives no more than it may', async () => {
    expect(await run({ maxTokens: 2 })).toEqual([10, 41]);
    expect(await run({ maxTokens: 0 })).toEqual([]);
  });

  test('goes on where no token ends it', async () => {
    expect((await run({ stopId: undefined, maxTokens: 9 })).length).toBe(9);
  });

  test('lets timers through between two passes', async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 0);
    await run({ ids: [copy.init, ...new Array<number>(150).fill(7), copy.aligned], maxTokens: 200 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
  });

  test('stops at the signal, with its reason', async () => {
    const reason = { aborted: 'by a test' };
    await expect(run({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const running = run({ stopId: undefined, maxTokens: 100_000, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 5);
    await expect(running).rejects.toBe(reason);
  });

  test('refuses to go on from nothing', async () => {
    await expect(run({ ids: [] })).rejects.toMatchObject({ code: 'invalid-options' });
  });

  test('refuses a cache of another shape', async () => {
    await expect(run({ cache: { heads: 2, headSize: 3 } })).rejects.toMatchObject({ code: 'model-invalid' });
  });
});

test('the logits of a prompt are not fetched, only those of its last token', async () => {
  const runs: [number, boolean][] = [];
  const watched = watch(decoder, (inputs, outputs) => runs.push([inputs['input_ids']?.dims[1] ?? 0, (outputs as string[]).includes('logits')]));
  await decode({}, watched);
  expect(runs).toEqual([[6, false], [1, true], [1, true], [1, true], [1, true]]);
});

test('a prompt of one token takes one pass', async () => {
  expect(await collect(greedyDecode(gpt, { ids: [7], maxTokens: 1, cache: gptCache }))).toHaveLength(1);
  expect(await collect(greedyDecode(decoder, { ids: [copy.aligned], maxTokens: 1, cache: copyCache }))).toHaveLength(1);
});

test('the encoder is run once, whatever is decoded', async () => {
  let runs = 0;
  const watched = watch(encoder, () => (runs += 1));
  await collect(greedyDecodeEncoded({ encoder: watched, decoder: encoderDecoder }, { ids: source, maxTokens: 3, startId: 0, cache: copyCache }));
  expect(runs).toBe(1);
});

describe('a graph in another layout', () => {
  test('is refused, naming the input that is not known', async () => {
    const other = { ...decoder, inputNames: [...decoder.inputNames, 'cache_of_mine'] };
    await expect(decode({}, other)).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringContaining('cache_of_mine') });
  });

  test('without logits, or with logits that are not numbers, is refused', async () => {
    const spoilt = (data: Float32Array): OnnxSession => ({
      ...decoder,
      run: async (inputs, outputs) => ({ ...(await decoder.run(inputs, outputs)), logits: { type: 'float32', data, dims: [1, 1, data.length] } }),
    });
    await expect(decode({}, spoilt(new Float32Array(0)))).rejects.toMatchObject({ code: 'model-invalid' });
    await expect(decode({}, spoilt(Float32Array.of(0, Number.NaN, 1)))).rejects.toMatchObject({ code: 'model-invalid' });
  });

  test('that is no encoder is refused', async () => {
    const tokens = greedyDecodeEncoded({ encoder: { ...encoder, run: async () => ({}) }, decoder: encoderDecoder }, { ids: source, maxTokens: 3, startId: 0, cache: copyCache });
    await expect(collect(tokens)).rejects.toMatchObject({ code: 'model-invalid' });
  });
});

test('a decoder without a cache sees all tokens each time', async () => {
  const seen: number[] = [];
  const plain: OnnxSession = {
    ...decoder,
    inputNames: ['input_ids', 'attention_mask'],
    run: async (inputs) => {
      const ids = Array.from(inputs['input_ids']?.data ?? [], Number);
      seen.push(ids.length);
      const data = Float32Array.from({ length: 50 }, (_, id) => (id === ids.length ? 1 : 0));
      return { logits: { type: 'float32', data, dims: [1, 1, 50] } };
    },
  };
  expect(await decode({ ids: [5, 5], maxTokens: 3 }, plain)).toEqual([2, 3]);
  expect(seen).toEqual([2, 3]);
});
