import { createRandom } from '@align-squad/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quantizeModel, writeModel } from '../graph/index.js';
import type { DecodeSessionRequest, SamplingOptions } from './decode-request.js';
import { createDecodeSession, type DecodeSession } from './decode-session.js';
import { randomDecoder, tiny, tinyCache } from './random-models.js';
import { fixtureDecoder } from './test-support.js';
import type { LikelyToken } from './top-tokens.js';

const samplings: readonly (SamplingOptions | undefined)[] = [
  undefined,
  { temperature: 0.8, topK: 20, seed: 1 },
  { temperature: 1.2, topK: 12, topP: 0.9, repetitionPenalty: 1.3, seed: 2 },
  { temperature: 0.05, topP: 0.6, seed: 3 },
  { temperature: 3, topP: 0.99, seed: 4 },
  { temperature: 0, repetitionPenalty: 1.2 },
  { temperature: 0.5, repetitionPenalty: 0.9, topK: 5, seed: 5 },
  { temperature: 0.5, seed: 6 },
];

interface Told {
  readonly ids: number[];
  readonly likely: (readonly LikelyToken[])[];
  readonly passes: number;
}

async function tell(session: DecodeSession, request: DecodeSessionRequest): Promise<Told> {
  const told: Told = { ids: [], likely: [], passes: 0 };
  for await (const event of session.decodeEvents(request)) {
    if (event.type === 'end') return { ...told, passes: event.passes };
    told.ids.push(...event.ids);
    told.likely.push(...(event.likely ?? []));
  }
  return told;
}

describe.each<[string, () => Promise<Uint8Array>, number]>([
  ['a GPT-2 of third parties', fixtureDecoder, 1000],
  ['a random decoder', async () => writeModel(randomDecoder(1)), tiny.vocabulary],
])('%s', (_name, bytes, vocabulary) => {
  // The one whose graph is left as it is reads whole rows of logits.
  let edited: DecodeSession;
  let whole: DecodeSession;
  const random = createRandom(3);
  const requests = samplings.flatMap((sampling) => [undefined, 4].map((topLogprobs): DecodeSessionRequest => ({
    ids: Array.from({ length: 12 }, () => random.integer(vocabulary)), maxTokens: 30, sampling, topLogprobs, speculate: false,
  })));

  beforeAll(async () => {
    [edited, whole] = [await createDecodeSession(await bytes()), await createDecodeSession(await bytes(), { edit: false })];
  });
  afterAll(async () => {
    await edited.dispose();
    await whole.dispose();
  });

  test('draws from the likeliest tokens what it draws from whole rows, with drafts and without', async () => {
    for (const request of requests) {
      const expected = await tell(whole, request);
      const given = await tell(edited, request);
      expect(given.ids).toEqual(expected.ids);
      expect((await tell(edited, { ...request, speculate: true, copyFrom: expected.ids })).ids).toEqual(expected.ids);
      expect(given.likely.map((place) => place.map(({ id }) => id))).toEqual(expected.likely.map((place) => place.map(({ id }) => id)));
      given.likely.flat().forEach(({ logprob }, index) => expect(logprob).toBeCloseTo(expected.likely.flat()[index]?.logprob ?? Number.NaN, 4));
    }
  });

  test('draws in a batch what it draws alone', async () => {
    const texts = await edited.decodeMany(requests);
    for (const [index, request] of requests.entries()) expect(texts[index]?.ids).toEqual((await tell(whole, request)).ids);
  });

  test('tells the likeliest tokens of each place, the one that it takes first', async () => {
    const { ids, likely } = await tell(edited, { ids: [1, 2, 3], maxTokens: 9, topLogprobs: 3 });
    expect(likely.map((place) => place.length)).toEqual(ids.map(() => 3));
    expect(likely.map(([first]) => first?.id)).toEqual(ids);
    for (const place of likely) expect(place.map(({ logprob }) => logprob)).toEqual(place.map(({ logprob }) => logprob).toSorted((a, b) => b - a));
  });
});

test('a share that many tokens hold is drawn from whole rows, which take a second run', async () => {
  await using session = await createDecodeSession(await fixtureDecoder());
  const request = { ids: [5, 6, 7], maxTokens: 60, speculate: false };
  const { passes } = await tell(session, { ...request, sampling: { temperature: 20, topP: 0.99 } });
  expect(passes).toBeGreaterThan(60);
  // Once it is known that the likeliest tokens do not do, whole rows are asked for at once.
  expect(passes).toBeLessThan(75);
  expect((await tell(session, { ...request, sampling: { temperature: 0.01, topP: 0.5 } })).passes).toBe(60);
});

test('an int8 decoder draws the same whatever is drafted', async () => {
  await using session = await createDecodeSession(writeModel(quantizeModel(randomDecoder(2), { minValues: 64 })), { cache: tinyCache });
  const request: DecodeSessionRequest = { ids: [1, 2, 3, 4], maxTokens: 40, sampling: { temperature: 0.9, topK: 10, topP: 0.9, seed: 3 }, topLogprobs: 2 };
  const { ids, likely } = await tell(session, request);
  const drafted = await tell(session, { ...request, copyFrom: ids });
  expect(drafted.ids).toEqual(ids);
  expect(drafted.likely.map((place) => place.map(({ id }) => id))).toEqual(likely.map((place) => place.map(({ id }) => id)));
  expect(drafted.passes).toBeLessThan(20);
});
