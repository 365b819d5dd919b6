import { collectCorrection, type Aligner, type AlignEvent, type AlignRequest } from '@align-squad/core';
import { alignerConformance } from '@align-squad/core/testing';
import type { Pack } from '@align-squad/onnx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyDecoder, copyEncoder, copyEncoderDecoder, type CopyModel } from '../../../onnx/src/decoding/test-support.js';
import { byteTokenizerJson } from '../format/test-support.js';
import { createPackAligner } from '../pack/pack-aligner.js';
import type { PackAligner } from './pack-aligner-base.js';
import { byteIds, calm, createTestPack, removeTestPacks, shouting, type PackContents } from './test-support.js';

const copy: CopyModel = {
  vocabularySize: byteIds.size,
  init: byteIds.marker('init'),
  aligned: byteIds.marker('aligned'),
  done: byteIds.marker('done'),
  next: (id) => (id === byteIds.of('!') ? byteIds.of('.') : id),
};
// A model that leaves all of a text out.
const silent: CopyModel = { ...copy, next: () => copy.done };
const shared: PackContents = { 'tokenizer.json': byteTokenizerJson(), 'config.json': { num_attention_heads: 1, hidden_size: 1 } };
const common = { criteria: ['ethical', 'helpful'], tokenizer: 'tokenizer.json', maxTokens: 300 };

interface Design {
  readonly contents: (model: CopyModel) => PackContents;
  readonly section: Readonly<Record<string, unknown>>;
}

const designs: Readonly<Record<string, Design>> = {
  decoder: {
    contents: (model) => ({ ...shared, 'onnx/model.onnx': copyDecoder(model) }),
    section: { design: 'decoder', model: 'onnx/model.onnx', ...common },
  },
  'encoder-decoder': {
    contents: (model) => ({ ...shared, 'onnx/encoder_model.onnx': copyEncoder(), 'onnx/decoder_model_merged.onnx': copyEncoderDecoder(model) }),
    section: { design: 'encoder-decoder', encoder: 'onnx/encoder_model.onnx', decoder: 'onnx/decoder_model_merged.onnx', ...common },
  },
};

afterAll(removeTestPacks);

async function eventsOf(aligner: Aligner, request: AlignRequest): Promise<AlignEvent[]> {
  const events: AlignEvent[] = [];
  for await (const event of aligner.align(request)) events.push(event);
  return events;
}

const asking = (response: string): AlignRequest => ({ ...shouting, exchange: { prompt: 'Why?', response } });
const none: AlignEvent[] = [{ type: 'end', outcome: 'none' }];

describe.each(Object.entries(designs))('the design %s', (_name, { contents, section }) => {
  let pack: Pack;
  let held: PackAligner;
  let live: PackAligner;

  beforeAll(async () => {
    pack = await createTestPack(contents(copy), section);
    held = await createPackAligner(pack);
    live = await createPackAligner(pack, { live: true });
  });

  afterAll(async () => {
    await held.dispose();
    await live.dispose();
  });

  const withSection = (change: Readonly<Record<string, unknown>>): Pack => ({ ...pack, manifest: { ...pack.manifest, aligner: { ...section, ...change } } });

  describe('conforms to the contract', () => {
    for (const { name, run } of alignerConformance({ create: () => held, requests: [shouting] })) test(name, run);
  });

  describe('conforms to the contract with live text', () => {
    for (const { name, run } of alignerConformance({ create: () => live, requests: [shouting] })) test(name, run);
  });

  test('gives the whole rewrite at once', async () => {
    expect(await eventsOf(held, shouting)).toEqual([{ type: 'text', text: calm }, { type: 'end', outcome: 'rewritten' }]);
  });

  test('gives live text from where it differs, character by character', async () => {
    const events = await eventsOf(live, shouting);
    const texts = events.flatMap((event) => (event.type === 'text' ? [event.text] : []));
    expect(texts.slice(0, 3)).toEqual(['It rained.', ' ', 'N']);
    expect(texts).toContain('👍');
    expect(texts.join('')).toBe(calm);
    expect(events.at(-1)).toEqual({ type: 'end', outcome: 'rewritten' });
  });

  test.each([
    ['equals the response', 'It rained.'],
    ['is blank', ' \n'],
    ['is empty', ''],
  ])('has none where the rewrite %s', async (_what, response) => {
    for (const aligner of [held, live]) expect(await eventsOf(aligner, asking(response))).toEqual(none);
  });

  test('has none where the model leaves everything out', async () => {
    await using aligner = await createPackAligner(await createTestPack(contents(silent), section));
    expect(await eventsOf(aligner, shouting)).toEqual(none);
  });

  test('has none where the rewrite does not end within its tokens', async () => {
    await using aligner = await createPackAligner(withSection({ maxNewTokens: 5 }));
    expect(await eventsOf(aligner, shouting)).toEqual(none);
    expect(await collectCorrection(aligner, asking('Oh!!'))).toEqual({ outcome: 'rewritten', response: 'Oh..' });
    expect(await eventsOf(aligner, asking('Oh!!!'))).toEqual(none);
  });

  test('fails where live text was given and does not end within its tokens', async () => {
    await using aligner = await createPackAligner(withSection({ maxNewTokens: 5 }), { live: true });
    await expect(eventsOf(aligner, asking('Oh!!!'))).rejects.toMatchObject({ code: 'aligner-failed' });
    expect(await eventsOf(aligner, asking('Hello!'))).toEqual(none);
  });

  test('has none for an exchange that does not fit, and runs nothing', async () => {
    await using aligner = await createPackAligner(withSection({ maxTokens: 30 }));
    expect(await collectCorrection(aligner, asking('It rained!'))).toMatchObject({ outcome: 'rewritten' });
    for (const exchange of [{ response: 'It rained! '.repeat(9) }, { prompt: 'x'.repeat(40), response: 'a!' }, { context: 'x'.repeat(2_000_000), response: 'a!' }]) {
      expect(await eventsOf(aligner, { exchange, criterion: 'ethical' })).toEqual(none);
    }
  });

  test('takes the names of markers in a text for text', async () => {
    const response = '[ALIGNED] [DONE] [INIT] [PAD]!';
    expect(await collectCorrection(held, { exchange: { prompt: '[INIT]', response }, criterion: 'ethical' })).toEqual({
      outcome: 'rewritten',
      response: '[ALIGNED] [DONE] [INIT] [PAD].',
    });
  });

  test('rejects with `disposed` once it is disposed', async () => {
    const short = await createPackAligner(pack);
    await short.dispose();
    await expect(eventsOf(short, shouting)).rejects.toMatchObject({ code: 'disposed' });
  });

  test('rejects what is not an exchange', async () => {
    const request = { exchange: { response: 3 }, criterion: 'ethical' } as unknown as AlignRequest;
    await expect(eventsOf(held, request)).rejects.toMatchObject({ code: 'invalid-exchange' });
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['with an unknown key', { surprise: 1 }, 'pack-invalid'],
    ['without a tokenizer', { tokenizer: undefined }, 'pack-invalid'],
    ['whose config is missing', { config: 'other.json' }, 'pack-invalid'],
    ['whose config says nothing of heads', { config: 'tokenizer.json' }, 'model-invalid'],
    ['whose tokenizer is none', { tokenizer: 'config.json' }, 'model-invalid'],
    ['whose tokens are not those of its tokenizer', { tokens: { done: '</s>' } }, 'pack-invalid'],
    ['with tokens of unknown roles', { tokens: { end: '[DONE]' } }, 'pack-invalid'],
  ])('of a pack %s is refused', async (_what, change, code) => {
    await expect(createPackAligner(withSection(change))).rejects.toMatchObject({ code });
  });
});

test.each([
  ['decoder', { ...designs['decoder']?.section, model: 'onnx/encoder_model.onnx' }],
  ['encoder-decoder', { ...designs['encoder-decoder']?.section, decoder: 'onnx/encoder_model.onnx' }],
  ['encoder-decoder', { ...designs['encoder-decoder']?.section, encoder: 'onnx/decoder_model_merged.onnx' }],
])('a %s whose graph is another one is refused', async (_design, section) => {
  const pack = await createTestPack(designs['encoder-decoder']?.contents(copy) ?? {}, section);
  await expect(createPackAligner(pack)).rejects.toMatchObject({ code: 'pack-invalid' });
});

test('a model that fails is the failure of the aligner, and its error the cause', async () => {
  const pack = await createTestPack({ ...designs['decoder']?.contents(copy), 'config.json': { num_attention_heads: 4, hidden_size: 8 } }, designs['decoder']?.section ?? {});
  await using aligner = await createPackAligner(pack);
  await expect(eventsOf(aligner, shouting)).rejects.toMatchObject({ code: 'aligner-failed', cause: { code: 'model-invalid' } });
});
