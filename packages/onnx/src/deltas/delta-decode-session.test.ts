import { createRandom } from '@align-squad/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DecodeSessionRequest } from '../decoding/decode-request.js';
import { createDecodeSession, type DecodeSession } from '../decoding/decode-session.js';
import { greedyReference } from '../decoding/greedy-reference.js';
import { randomDecoder, randomEncoderDecoder, tiny, tinyCache } from '../decoding/random-models.js';
import { writeModel, type ModelProto } from '../graph/index.js';
import { createSession } from '../session/session.js';
import { applyDelta } from './apply-delta.js';
import { createDeltaDecodeSession, type DeltaDecodeSession } from './delta-decode-session.js';
import { createDeltaSession } from './delta-session.js';
import type { ModelDelta } from './delta.js';
import { deltaOf, tuned } from './test-support.js';

const base = randomDecoder(1);
const deltas: readonly ModelDelta[] = [await deltaOf(base, tuned(base, 1)), await deltaOf(base, tuned(base, 2), [{ rank: 3, bits: 8 }]), await deltaOf(base, base)];
const random = createRandom(5);
const texts = Array.from({ length: 4 }, () => Array.from({ length: 20 }, () => random.integer(tiny.vocabulary)));

async function collect(session: DecodeSession | undefined, request: DecodeSessionRequest): Promise<number[]> {
  const ids: number[] = [];
  for await (const id of session?.decode(request) ?? []) ids.push(id);
  return ids;
}

describe.each([1, 2])('decoders with %i deltas unpacked', (cached) => {
  let shared: DeltaDecodeSession;

  beforeAll(async () => {
    shared = await createDeltaDecodeSession(base, deltas, { cached });
  });
  afterAll(() => shared.dispose());

  test('are edited as one model is, and look at the last rows only', () => {
    for (const { features, inputNames } of shared.sessions) {
      expect(features).toEqual({ isEdited: true, verifiesDrafts: true, isRowwise: true, ignoresPadding: true, reasons: [] });
      expect(inputNames.filter((name) => name.includes('delta'))).toEqual([]);
    }
  });

  test('give the tokens of their models made on load, decoded plainly, with drafts and without', async () => {
    for (const [index, delta] of deltas.entries()) {
      await using decoder = await createSession(writeModel(applyDelta(base, delta)));
      for (const ids of texts) {
        const expected = await greedyReference({ decoder, cache: tinyCache }, ids, 40);
        for (const copyFrom of [expected, ids]) expect(await collect(shared.sessions[index], { ids, maxTokens: 40, copyFrom })).toEqual(expected);
        expect(await collect(shared.sessions[index], { ids, maxTokens: 40, speculate: false })).toEqual(expected);
      }
    }
  });

  test('never mix when they decode at once, nor in batches', async () => {
    const requests = texts.map((ids) => ({ ids, maxTokens: 20 }));
    const alone = await Promise.all(deltas.map((_, index) => Promise.all(requests.map((request) => collect(shared.sessions[index], request)))));
    const batches = await Promise.all(shared.sessions.map((session) => session.decodeMany(requests)));
    expect(batches.map((batch) => batch.map(({ ids }) => ids))).toEqual(alone);
    expect(alone[0]).not.toEqual(alone[2]);
  });
});

test('over a base in int8 they draft, and give the same tokens whatever is drafted', async () => {
  await using shared = await createDeltaDecodeSession(base, deltas, { int8: true });
  for (const session of shared.sessions) {
    expect(session.features).toMatchObject({ isEdited: true, isRowwise: true });
    const [ids = []] = texts;
    const expected = await collect(session, { ids, maxTokens: 40 });
    expect(await collect(session, { ids, maxTokens: 40, copyFrom: expected })).toEqual(expected);
  }
});

test('encoder-decoders give the tokens of their models made on load', async () => {
  const { encoder, decoder } = randomEncoderDecoder(1);
  const change = async (model: ModelProto, seed: number): Promise<ModelDelta> => deltaOf(model, tuned(model, seed));
  const [encoders, decoders] = [await Promise.all([1, 2].map((seed) => change(encoder, seed))), await Promise.all([1, 2].map((seed) => change(decoder, seed)))];
  await using encoded = await createDeltaSession(encoder, encoders);
  await using shared = await createDeltaDecodeSession(decoder, decoders, { encoders: encoded.sessions.map((session) => ({ session, startId: 3 })) });
  for (const [index, session] of shared.sessions.entries()) {
    const [first, second] = [encoders[index], decoders[index]];
    if (!first || !second) throw new TypeError('no delta');
    await using loadedEncoder = await createSession(writeModel(applyDelta(encoder, first)));
    await using loadedDecoder = await createSession(writeModel(applyDelta(decoder, second)));
    for (const ids of texts) {
      const expected = await greedyReference({ encoder: loadedEncoder, decoder: loadedDecoder, startId: 3, cache: tinyCache }, ids, 30);
      expect(await collect(session, { ids, maxTokens: 30, copyFrom: expected })).toEqual(expected);
    }
  }
});

test('samples as its model made on load does', async () => {
  await using shared = await createDeltaDecodeSession(base, deltas);
  const [first] = deltas;
  if (!first) throw new TypeError('no delta');
  await using loaded = await createDecodeSession(writeModel(applyDelta(base, first)));
  const [ids = []] = texts;
  const request: DecodeSessionRequest = { ids, maxTokens: 30, sampling: { temperature: 0.9, topK: 9, repetitionPenalty: 1.2, seed: 4 } };
  expect(await collect(shared.sessions[0], request)).toEqual(await collect(loaded, request));
});

test('one that was disposed rejects, and the others go on', async () => {
  const shared = await createDeltaDecodeSession(base, deltas);
  await shared.sessions[0]?.dispose();
  const request = { ids: [1, 2, 3], maxTokens: 3 };
  await expect(collect(shared.sessions[0], request)).rejects.toMatchObject({ code: 'disposed' });
  expect(await collect(shared.sessions[1], request)).toHaveLength(3);
  await shared.dispose();
  await shared.dispose();
  await expect(collect(shared.sessions[1], request)).rejects.toMatchObject({ code: 'disposed' });
});

test('a delta of another base, and options that are not valid, are refused', async () => {
  await expect(createDeltaDecodeSession(tuned(base, 1), deltas)).rejects.toMatchObject({ code: 'pack-hash-mismatch' });
  await expect(createDeltaDecodeSession(base, [])).rejects.toMatchObject({ code: 'invalid-options' });
  await expect(createDeltaDecodeSession(base, deltas, { encoders: [] })).rejects.toMatchObject({ code: 'invalid-options' });
  await expect(createDeltaDecodeSession(base, deltas, { cached: 0 })).rejects.toMatchObject({ code: 'invalid-options' });
});
