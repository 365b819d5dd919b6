import { readFile } from 'node:fs/promises';
import { createRandom, type Random } from '@align-squad/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quantizeModel, selectOutputs, writeModel, type ModelProto } from '../graph/index.js';
import { createSession, type OnnxSession } from '../session/session.js';
import type { DecodeEnd } from './decode-events.js';
import type { DecodeSessionRequest } from './decode-request.js';
import { createDecodeSession, type DecodeSession, type DecodeSessionOptions } from './decode-session.js';
import { greedyReference } from './greedy-reference.js';
import { randomDecoder, randomEncoderDecoder, tiny, tinyCache } from './random-models.js';
import { copyCache, copyDecoder, fixtureDecoder } from './test-support.js';

const opened: (DecodeSession | OnnxSession)[] = [];

async function open(model: string | Uint8Array, options?: DecodeSessionOptions): Promise<DecodeSession> {
  const session = await createDecodeSession(model, options);
  opened.push(session);
  return session;
}

async function openPlain(model: Uint8Array): Promise<OnnxSession> {
  const session = await createSession(model);
  opened.push(session);
  return session;
}

afterAll(async () => {
  for (const session of opened) await session.dispose();
});

async function collect(tokens: AsyncIterable<number>): Promise<number[]> {
  const ids: number[] = [];
  for await (const id of tokens) ids.push(id);
  return ids;
}

async function eventsOf(session: DecodeSession, request: DecodeSessionRequest): Promise<{ pieces: (readonly number[])[]; end: DecodeEnd }> {
  const pieces: (readonly number[])[] = [];
  for await (const event of session.decodeEvents(request)) {
    if (event.type === 'end') return { pieces, end: event };
    pieces.push(event.ids);
  }
  return expect.unreachable();
}

const randomIds = (random: Random, count: number, below: number): number[] => Array.from({ length: count }, () => random.integer(below));
/** A text like another: most of its tokens, some replaced, left out or put in. */
const alike = (random: Random, ids: readonly number[], below: number): number[] =>
  ids.flatMap((id) => (random.next() < 0.8 ? [id] : [[], [random.integer(below)], [id, random.integer(below)]][random.integer(3)] ?? []));

interface Subject {
  readonly session: () => Promise<DecodeSession>;
  readonly plain: () => Promise<(ids: readonly number[], maxTokens: number) => Promise<number[]>>;
  readonly vocabulary: number;
  /** Whether its graph is told which positions are masked. */
  readonly isMasked: boolean;
}

function decoderSubject(bytes: () => Promise<Uint8Array>, cache: { heads: number; headSize: number }, vocabulary: number): Subject {
  return {
    vocabulary,
    isMasked: true,
    session: async () => open(await bytes()),
    plain: async () => {
      const decoder = await openPlain(await bytes());
      return (ids, maxTokens) => greedyReference({ decoder, cache }, ids, maxTokens);
    },
  };
}

function encodedSubject(seed: number): Subject {
  const models = randomEncoderDecoder(seed);
  const [encoder, decoder] = [writeModel(models.encoder), writeModel(models.decoder)];
  return {
    vocabulary: tiny.vocabulary,
    isMasked: false,
    session: () => open(decoder, { encoder, startId: 3 }),
    plain: async () => {
      const reference = { encoder: await openPlain(encoder), decoder: await openPlain(decoder), startId: 3, cache: tinyCache };
      return (ids, maxTokens) => greedyReference(reference, ids, maxTokens);
    },
  };
}

const llama = new URL('../../fixtures/gradients/kv-cache/llama-dyn/onnx/model.onnx', import.meta.url);

describe.each<[string, Subject]>([
  ['a GPT-2 of third parties', decoderSubject(fixtureDecoder, { heads: 4, headSize: 8 }, 1000)],
  ['a Llama exported by torch.export', decoderSubject(() => readFile(llama), { heads: 1, headSize: 8 }, 64)],
  ...[1, 2, 3].map((seed): [string, Subject] => [`random decoder ${seed}`, decoderSubject(async () => writeModel(randomDecoder(seed)), tinyCache, tiny.vocabulary)]),
  ...[1, 2, 3].map((seed): [string, Subject] => [`random encoder-decoder ${seed}`, encodedSubject(seed)]),
])('%s', (_name, subject) => {
  let session: DecodeSession;
  let plain: Awaited<ReturnType<Subject['plain']>>;

  beforeAll(async () => {
    session = await subject.session();
    plain = await subject.plain();
  });

  test('is edited, and drafts can be checked', () => {
    expect(session.features).toMatchObject({ isEdited: true, verifiesDrafts: true, isRowwise: true, ignoresPadding: subject.isMasked });
  });

  test('gives the tokens of plain greedy decoding, with drafts and without', async () => {
    const random = createRandom(7);
    let accepted = 0;
    for (let round = 0; round < 8; round++) {
      const ids = randomIds(random, 1 + random.integer(40), subject.vocabulary);
      const expected = await plain(ids, 90);
      for (const copyFrom of [alike(random, expected, subject.vocabulary), ids, []]) {
        const { pieces, end } = await eventsOf(session, { ids, maxTokens: 90, copyFrom });
        expect(pieces.flat()).toEqual(expected);
        expect(end.passes).toBe(90 - end.accepted);
        accepted += end.accepted;
      }
      expect(await collect(session.decode({ ids, maxTokens: 90, speculate: false }))).toEqual(expected);
    }
    expect(accepted).toBeGreaterThan(300);
  });

  test('gives of many requests what it gives of each', async () => {
    const random = createRandom(8);
    const requests = Array.from({ length: 7 }, (_, index) => ({ ids: randomIds(random, 12 + 3 * (index % 4), subject.vocabulary), maxTokens: 10 + index, ...(index === 5 && { copyFrom: [1, 2, 3] }) }));
    const texts = await session.decodeMany(requests);
    for (const [index, { ids, maxTokens }] of requests.entries()) expect(texts[index]).toEqual({ ids: await plain(ids, maxTokens), reason: 'length' });
  });
});

describe('a decoder', () => {
  const ids = [5, 6, 7, 8, 9, 10, 11, 12];
  let session: DecodeSession;
  let tokens: number[];

  beforeAll(async () => {
    session = await open(writeModel(randomDecoder(1)));
    tokens = await collect(session.decode({ ids, maxTokens: 40, speculate: false }));
  });

  test('gives tokens as they are accepted, several at once', async () => {
    const { pieces, end } = await eventsOf(session, { ids, maxTokens: 40, copyFrom: tokens });
    expect(pieces.flat()).toEqual(tokens);
    expect(pieces.length).toBe(end.passes);
    expect(end.passes).toBeLessThan(8);
    expect(end).toMatchObject({ reason: 'length', accepted: 40 - end.passes });
  });

  test('ends at a stop token or a stop text, which are given', async () => {
    const stopId = tokens[4] ?? 0;
    const upTo = tokens.slice(0, tokens.indexOf(stopId) + 1);
    const stop = tokens.slice(6, 9);
    const place = tokens.findIndex((_, index) => stop.every((id, at) => tokens[index + at] === id));
    for (const copyFrom of [[], tokens]) {
      expect(await eventsOf(session, { ids, maxTokens: 40, stopId, copyFrom })).toMatchObject({ end: { reason: 'stop' } });
      expect(await collect(session.decode({ ids, maxTokens: 40, stopId, copyFrom }))).toEqual(upTo);
      expect(await collect(session.decode({ ids, maxTokens: 40, stops: [[], [tiny.vocabulary], stop], copyFrom }))).toEqual(tokens.slice(0, place + 3));
    }
    expect(await session.decodeMany([{ ids, maxTokens: 40, stopId }, { ids, maxTokens: 4 }, { ids, maxTokens: 0 }])).toEqual([
      { ids: upTo, reason: 'stop' }, { ids: tokens.slice(0, 4), reason: 'length' }, { ids: [], reason: 'length' },
    ]);
  });

  test('draws the same tokens with the same seed, with drafts and without', async () => {
    const sampling = { temperature: 0.8, topK: 20, topP: 0.95, repetitionPenalty: 1.1, seed: 5 };
    const drawn = await collect(session.decode({ ids, maxTokens: 40, sampling, speculate: false }));
    expect(await collect(session.decode({ ids, maxTokens: 40, sampling, copyFrom: drawn }))).toEqual(drawn);
    expect(await collect(session.decode({ ids, maxTokens: 40, sampling: { ...sampling, seed: 6 } }))).not.toEqual(drawn);
    expect(await session.decodeMany([{ ids, maxTokens: 40, sampling }, { ids, maxTokens: 40 }])).toEqual([{ ids: drawn, reason: 'length' }, { ids: tokens, reason: 'length' }]);
  });

  test('stops at the signal, with its reason, between two passes', async () => {
    const reason = { aborted: 'by a test' };
    await expect(collect(session.decode({ ids, maxTokens: 5, signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    const controller = new AbortController();
    const running = async (): Promise<void> => {
      for await (const _event of session.decodeEvents({ ids, maxTokens: 100, signal: controller.signal })) controller.abort(reason);
    };
    await expect(running()).rejects.toBe(reason);
    await expect(session.decodeMany([{ ids, maxTokens: 5 }, { ids, maxTokens: 5, signal: AbortSignal.abort(reason) }])).rejects.toBe(reason);
  });

  test('decodes several requests at a time', async () => {
    const all = await Promise.all([ids, [1, 2], ids].map((each) => collect(session.decode({ ids: each, maxTokens: 40 }))));
    expect(all).toEqual([tokens, await collect(session.decode({ ids: [1, 2], maxTokens: 40 })), tokens]);
  });

  test.each<[string, object]>([
    ['nothing to go on from', { ids: [] }],
    ['ids that are no whole numbers', { ids: [1.5] }],
    ['an unknown option', { surprise: 1 }],
    ['a temperature below 0', { sampling: { temperature: -1 } }],
  ])('refuses %s', async (_what, change) => {
    await expect(collect(session.decode({ ids, maxTokens: 3, ...change }))).rejects.toMatchObject({ code: 'invalid-options' });
  });

  test('rejects with `disposed` once it is disposed', async () => {
    const short = await createDecodeSession(writeModel(randomDecoder(1)));
    await short.dispose();
    await expect(collect(short.decode({ ids, maxTokens: 3 }))).rejects.toMatchObject({ code: 'disposed' });
  });
});

describe('an int8 decoder', () => {
  const int8 = (seed: number): Uint8Array => writeModel(quantizeModel(randomDecoder(seed), { minValues: 64 }));

  test.each([1, 2, 3])('%i gives the same tokens whatever is drafted, quantised a row at a time', async (seed) => {
    const session = await open(int8(seed));
    expect(session.features).toMatchObject({ isEdited: true, isRowwise: true, ignoresPadding: true, reasons: [] });
    const random = createRandom(seed);
    for (let round = 0; round < 8; round++) {
      const ids = randomIds(random, 20, tiny.vocabulary);
      const expected = await collect(session.decode({ ids, maxTokens: 60 }));
      for (const copyFrom of [expected, alike(random, expected, tiny.vocabulary), randomIds(random, 50, tiny.vocabulary)]) {
        const { pieces, end } = await eventsOf(session, { ids, maxTokens: 60, copyFrom });
        expect(pieces.flat()).toEqual(expected);
        expect(end.drafted).toBeGreaterThan(0);
      }
      expect(await collect(session.decode({ ids, maxTokens: 60, speculate: false }))).toHaveLength(60);
      expect(await session.decodeMany([{ ids, maxTokens: 60 }, { ids: ids.toReversed(), maxTokens: 60 }])).toMatchObject([{ ids: expected }, {}]);
    }
  });

  test('with one scale a pass drafts only where asked, and runs requests one by one', async () => {
    const session = await open(int8(1), { rowScales: false });
    expect(session.features.isRowwise).toBe(false);
    expect(session.features.reasons.join()).toContain('one scale');
    const ids = [1, 2, 3, 1, 2, 3];
    expect((await eventsOf(session, { ids, maxTokens: 20, copyFrom: ids })).end).toMatchObject({ drafted: 0, passes: 20 });
    expect((await eventsOf(session, { ids, maxTokens: 20, copyFrom: ids, speculate: true })).end.drafted).toBeGreaterThan(0);
    const alone = await collect(session.decode({ ids, maxTokens: 9 }));
    expect(await session.decodeMany([{ ids, maxTokens: 9 }, { ids: [9, 9, 9, 9, 9, 9], maxTokens: 9 }])).toMatchObject([{ ids: alone }, {}]);
  });
});

describe('a graph that is not edited', () => {
  const ids = [5, 6, 7, 8];

  test('decodes the same as it is', async () => {
    const session = await open(writeModel(randomDecoder(2)), { edit: false });
    const edited = await open(writeModel(randomDecoder(2)));
    expect(session.features).toMatchObject({ isEdited: false, verifiesDrafts: true });
    const expected = await collect(edited.decode({ ids, maxTokens: 90 }));
    expect(await collect(session.decode({ ids, maxTokens: 90, copyFrom: expected }))).toEqual(expected);
  });

  test('without logits is loaded, says so, and fails', async () => {
    const session = await open(writeModel(selectOutputs(randomDecoder(1), ['present.0.key'])));
    expect(session.outputNames).toEqual(['present.0.key']);
    expect(session.features.reasons.join()).toContain('logits');
    await expect(collect(session.decode({ ids, maxTokens: 3 }))).rejects.toMatchObject({ code: 'invalid-options' });
  });

  test('without a cache reads all tokens each time', async () => {
    const { graph, ...rest } = randomDecoder(1);
    const model: ModelProto = { ...rest, graph: { ...graph, outputs: graph.outputs.filter(({ name }) => name === 'logits'), inputs: graph.inputs.filter(({ name }) => !name.startsWith('past')), initializers: [...graph.initializers, ...emptyPasts(graph)] } };
    const session = await open(writeModel(model));
    expect(session.features.reasons.join()).toContain('no KV cache');
    const whole = await open(writeModel(randomDecoder(1)));
    expect(await collect(session.decode({ ids, maxTokens: 30 }))).toEqual(await collect(whole.decode({ ids, maxTokens: 30 })));
  });

  test('that gives one row a pass is decoded without drafts', async () => {
    const session = await open(copyDecoder({ vocabularySize: 50, init: 1, aligned: 2, done: 3 }), { cache: copyCache });
    expect(session.features).toMatchObject({ verifiesDrafts: false, ignoresPadding: false });
    expect(await collect(session.decode({ ids: [9, 1, 10, 11, 12, 2], maxTokens: 20, stopId: 3, copyFrom: [10, 11, 12] }))).toEqual([10, 11, 12, 3]);
  });

  test('that is no model, or whose cache has no known shape, is refused', async () => {
    await expect(createDecodeSession(new Uint8Array(4))).rejects.toMatchObject({ code: 'model-invalid' });
    const { graph, ...rest } = randomDecoder(1);
    const free = { ...rest, graph: { ...graph, inputs: graph.inputs.map((input) => ({ ...input, dims: input.dims?.map(() => '') })) } };
    await expect(createDecodeSession(writeModel(free))).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringContaining('`cache`') });
    const session = await open(writeModel(free), { cache: tinyCache });
    expect(await collect(session.decode({ ids, maxTokens: 5 }))).toHaveLength(5);
  });
});

function emptyPasts({ inputs }: ModelProto['graph']): ModelProto['graph']['initializers'] {
  return inputs.filter(({ name }) => name.startsWith('past')).map(({ name }) => ({ name, type: 1, dims: [1, tiny.heads, 0, tiny.headSize], bytes: new Uint8Array(0) }));
}

test('logits that are not numbers are refused', async () => {
  const { graph, ...rest } = randomDecoder(1);
  const spoilt = { ...rest, graph: { ...graph, initializers: graph.initializers.map((tensor) => (tensor.name === 'weight_0' ? { ...tensor, bytes: new Uint8Array((tensor.bytes?.length ?? 0)).fill(255) } : tensor)) } };
  const session = await open(writeModel(spoilt));
  await expect(collect(session.decode({ ids: [1, 2], maxTokens: 3 }))).rejects.toMatchObject({ code: 'model-invalid' });
});

test('an encoder needs the token that its decoder begins with', async () => {
  const { encoder, decoder } = randomEncoderDecoder(1);
  await expect(createDecodeSession(writeModel(decoder), { encoder: writeModel(encoder) })).rejects.toMatchObject({ code: 'invalid-options' });
});
