import { collectCorrection, type AlignRequest } from '@align-squad/core';
import { alignerConformance, functionGenerator, scriptedGenerator } from '@align-squad/core/testing';
import { describe, expect, test } from 'vitest';
import type { AlignerFormat } from './aligner-format.js';
import { lmcorFormat, pkuAlignerFormat, questionAnswerFormat, squadFormat } from './aligner-formats.js';
import { createFormatAligner, type FormatAlignerOptions } from './format-aligner.js';
import { describeFaults, eventsOf, injections, kind, lastText, rawGenerator, rude } from './test-support.js';

/** A model that copies the response of its format with ` Please.` behind it, one word alone as it is, and then goes on. */
const politeModel = (format: AlignerFormat): ReturnType<typeof functionGenerator> => {
  const [, open = '', close = ''] = /^.*\u0001(.*)\u0002(.*)$/s.exec(format.layout({ prompt: '\u0001', context: undefined, response: '\u0002', answers: [] })) ?? [];
  return functionGenerator((request) => {
    const text = lastText(request);
    const response = text.slice(text.indexOf(open) + open.length, text.length - close.length);
    return ` ${response}${/\S\s+\S/u.test(response) ? ' Please.' : ''} ${format.stop?.[0] ?? ''} more`;
  });
};

const create = (options: Partial<FormatAlignerOptions>): ReturnType<typeof createFormatAligner> =>
  createFormatAligner({ generator: scriptedGenerator([]), criteria: ['ethical', 'other'], format: squadFormat, ...options });

const none = [{ type: 'end', outcome: 'none' }];

describe.each([squadFormat, questionAnswerFormat, pkuAlignerFormat, lmcorFormat])('an aligner of the format $name', (format) => {
  describe('conforms to the contract', () => {
    const options = { generator: politeModel(format), format, candidates: 2 };
    for (const { name, run } of alignerConformance({ create: () => create(options), requests: [rude] })) test(name, run);
  });

  describeFaults(kind, (generator) => create({ generator, format }));

  test('asks for plain text with the stops of the format, and rewrites', async () => {
    const generator = politeModel(format);
    const aligner = create({ generator, format });
    expect(await eventsOf(aligner, rude)).toEqual([{ type: 'text', text: `${rude.exchange.response} Please.` }, { type: 'end', outcome: 'rewritten' }]);
    const laid = format.layout({ prompt: 'Is the museum open on Monday?', context: undefined, response: rude.exchange.response, answers: [] });
    expect(generator.calls).toEqual([{ prompt: laid, stop: format.stop, maxTokens: 2048, temperature: 0 }]);
  });

  test('gives texts that hold its markers back as they were', async () => {
    for (const text of injections) {
      const aligner = create({ generator: politeModel(format), format });
      expect(await collectCorrection(aligner, { exchange: { prompt: text, response: text }, criterion: 'ethical' })).toEqual({
        outcome: 'rewritten',
        response: `${text} Please.`,
      });
    }
  });

  test.each([
    ['the response', rude.exchange.response],
    ['the prompt', 'Is the museum open on Monday?'],
    ['what was asked', format.layout({ prompt: 'Is the museum open on Monday?', context: undefined, response: rude.exchange.response, answers: [] })],
  ])('has none where the answer is %s', async (_what, text) => {
    expect(await eventsOf(create({ generator: scriptedGenerator([{ text: ` ${text}\n` }]), format }), rude)).toEqual(none);
  });
});

test('the rewrite ends at the stop text, where it comes in pieces and the model goes on', async () => {
  const texts = [' It opens', ' at ten. [DO', 'NE', '] It opens at one. [DONE]'];
  const generator = rawGenerator(() => texts.map((text) => ({ type: 'text', text })));
  expect(await collectCorrection(create({ generator }), rude)).toEqual({ outcome: 'rewritten', response: kind });
});

test('a rewrite that ends within its tokens is whole, also when the model was cut behind it', async () => {
  const generator = scriptedGenerator([{ text: `${kind} [DONE] more`, reason: 'length' }]);
  expect(await collectCorrection(create({ generator }), rude)).toEqual({ outcome: 'rewritten', response: kind });
});

test('further candidates are sampled by their number', async () => {
  const generator = politeModel(squadFormat);
  const aligner = create({ generator, candidates: 2, temperature: 0.5 });
  for (const candidate of [0, 1, 2]) await collectCorrection(aligner, { ...rude, candidate });
  expect(generator.calls.map(({ temperature, seed }) => [temperature, seed])).toEqual([
    [0, undefined],
    [0.5, 1],
  ]);
});

test('a conversation is laid out as one line a message', async () => {
  const generator = politeModel(squadFormat);
  const prompt: AlignRequest['exchange']['prompt'] = [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Yes?' }];
  await collectCorrection(create({ generator }), { ...rude, exchange: { ...rude.exchange, prompt } });
  expect(generator.calls.map(lastText)[0]).toMatch(/^user: Hi\nassistant: Yes\? \[INIT\]/);
});

test('a format of your own may show the context, and a layout that throws fails as `aligner-failed`', async () => {
  const format: AlignerFormat = { name: 'own', layout: ({ context, response }) => `${context}>${response}>` };
  const generator = scriptedGenerator([{ expect: { prompt: 'Rain.>It rained!>' }, text: 'It rained.' }]);
  const exchange = { context: 'Rain.', response: 'It rained!' };
  expect(await collectCorrection(create({ generator, format }), { exchange, criterion: 'other' })).toEqual({ outcome: 'rewritten', response: 'It rained.' });
  const broken: AlignerFormat = {
    name: 'broken',
    layout: () => {
      throw 'secret text';
    },
  };
  await expect(eventsOf(create({ format: broken }), rude)).rejects.toMatchObject({ code: 'aligner-failed' });
});

test.each<[string, object]>([
  ['no generator', { generator: undefined }],
  ['no criteria', { criteria: [] }],
  ['a criterion twice', { criteria: ['a', 'a'] }],
  ['a format without a layout', { format: { name: 'a' } }],
  ['an empty stop text', { format: { ...squadFormat, stop: [''] } }],
  ['an unknown key', { live: true }],
])('options with %s are refused', (_what, change) => {
  expect(() => create(change)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
