import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeModel, type ModelProto } from '../graph/index.js';
import type { DecodeSessionRequest } from './decode-request.js';
import { createDecodeSession, type DecodeSession } from './decode-session.js';
import { randomDecoder } from './random-models.js';
import { copyCache, copyDecoder, copyEncoder, copyEncoderDecoder, fixtureDecoder, type CopyModel } from './test-support.js';

const copy: CopyModel = { vocabularySize: 50, init: 1, aligned: 2, done: 3 };
const source = [9, copy.init, 10, 41, 12, copy.aligned];

async function collect(session: DecodeSession, request: DecodeSessionRequest): Promise<number[]> {
  const ids: number[] = [];
  for await (const id of session.decode(request)) ids.push(id);
  return ids;
}

// What the project that publishes this model expects of it, in its own tests.
test.each([
  [[0, 0, 0, 52], [204, 204, 204, 204, 204, 204]],
  [[0, 0, 195, 731], [731, 114, 114, 114, 114, 114]],
])('a GPT-2 of third parties continues %j with %j', async (ids, expected) => {
  await using session = await createDecodeSession(await fixtureDecoder());
  expect(await collect(session, { ids, maxTokens: 6 })).toEqual(expected);
});

describe.each<[string, () => Promise<DecodeSession>]>([
  ['a decoder', () => createDecodeSession(copyDecoder(copy), { cache: copyCache })],
  ['an encoder-decoder', () => createDecodeSession(copyEncoderDecoder(copy), { encoder: copyEncoder(), startId: 0, cache: copyCache })],
])('%s that copies', (_name, open) => {
  let session: DecodeSession;

  beforeAll(async () => {
    session = await open();
  });
  afterAll(() => session.dispose());

  const run = (change: Partial<DecodeSessionRequest> = {}): Promise<number[]> => collect(session, { ids: source, maxTokens: 20, stopId: copy.done, ...change });

  test('gives the tokens to the end token, which is the last', async () => {
    expect(await run()).toEqual([10, 41, 12, copy.done]);
  });

  test('gives no more than it may, and goes on where no token ends it', async () => {
    expect(await run({ maxTokens: 2 })).toEqual([10, 41]);
    expect(await run({ maxTokens: 0 })).toEqual([]);
    expect(await run({ stopId: undefined, maxTokens: 9 })).toHaveLength(9);
  });

  test('lets timers through between two passes', async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 0);
    await run({ ids: [copy.init, ...new Array<number>(150).fill(7), copy.aligned], maxTokens: 200 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
  });

  test('stops at the signal of a timer, with its reason', async () => {
    const reason = { aborted: 'by a test' };
    const controller = new AbortController();
    const running = run({ stopId: undefined, maxTokens: 100_000, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 5);
    await expect(running).rejects.toBe(reason);
  });
});

test('a cache of another shape fails', async () => {
  await using session = await createDecodeSession(copyDecoder(copy), { cache: { heads: 2, headSize: 3 } });
  await expect(collect(session, { ids: source, maxTokens: 3 })).rejects.toMatchObject({ code: 'model-invalid' });
});

test('logits that are not numbers fail, whatever is read of them', async () => {
  const { graph, ...rest } = randomDecoder(1);
  const root = { operator: 'Sqrt', domain: '', name: 'root', inputs: ['before'], outputs: ['logits'], attributes: {} };
  const spoilt: ModelProto = { ...rest, graph: { ...graph, nodes: graph.nodes.flatMap((node) => (node.outputs[0] === 'logits' ? [{ ...node, outputs: ['before'] }, root] : [node])) } };
  for (const edit of [true, false]) {
    await using session = await createDecodeSession(writeModel(spoilt), { edit });
    for (const change of [{}, { topLogprobs: 2 }, { sampling: { temperature: 1, topK: 4 } }, { sampling: { temperature: 1 } }]) {
      await expect(collect(session, { ids: [1, 2], maxTokens: 3, ...change })).rejects.toMatchObject({ code: 'model-invalid' });
    }
  }
});

test('an encoder that gives no states fails', async () => {
  await expect(createDecodeSession(copyEncoderDecoder(copy), { encoder: copyDecoder(copy), startId: 0, cache: copyCache })).rejects.toMatchObject({ code: 'invalid-options' });
});
