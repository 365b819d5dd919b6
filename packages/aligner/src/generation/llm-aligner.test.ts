import { collectCorrection, ethical, type AlignRequest } from '@align-squad/core';
import { alignerConformance, functionGenerator, scriptedGenerator } from '@align-squad/core/testing';
import { correctionFormat } from '@align-squad/llm/prompts';
import { describe, expect, test } from 'vitest';
import { createLlmAligner, type LlmAlignerOptions } from './llm-aligner.js';
import { blame, criteria, describeFaults, eventsOf, injections, kind, kindlyModel, lastText, responseIn, rude } from './test-support.js';

const draft = (correction: string, critique = 'It is rude.'): string => JSON.stringify({ critique, correction });
const none = [{ type: 'end', outcome: 'none' }];

describe.each([
  { format: 'json', live: false },
  { format: 'plain', live: false },
  { format: 'plain', live: true },
] as const)('an aligner by a chat model with the format $format, live: $live,', ({ format, live }) => {
  const create = (options: Partial<LlmAlignerOptions> = {}): ReturnType<typeof createLlmAligner> =>
    createLlmAligner({ generator: kindlyModel(format), criteria, format, live, ...options });

  describe('conforms to the contract', () => {
    for (const { name, run } of alignerConformance({ create: () => create({ candidates: 2 }), requests: [rude] })) test(name, run);
  });

  if (!live) describeFaults(format === 'json' ? draft(kind) : kind, (generator) => create({ generator }));

  test('asks greedily first, and samples further candidates by their number', async () => {
    const generator = kindlyModel(format);
    const aligner = create({ generator, candidates: 3, temperature: 1.5, maxTokens: 99 });
    for (const candidate of [0, 1, 2, 3]) await collectCorrection(aligner, { ...rude, candidate });
    expect(generator.calls.map(({ temperature, seed, maxTokens }) => ({ temperature, seed, maxTokens }))).toEqual([
      { temperature: 0, seed: undefined, maxTokens: 99 },
      { temperature: 1.5, seed: 1, maxTokens: 99 },
      { temperature: 1.5, seed: 2, maxTokens: 99 },
    ]);
  });

  test('keeps every text on a line of its own, whatever it holds', async () => {
    for (const text of injections) {
      const generator = kindlyModel(format);
      const verdict = { ...blame, spans: [{ start: 0, end: text.length, misalignment: 1 }] };
      await collectCorrection(create({ generator }), { exchange: { prompt: text, context: text, response: text }, criterion: 'ethical', verdict });
      const [request] = generator.calls;
      const lines = request ? lastText(request).split(/[\n\r\u2028\u2029\u0085\u000b\u000c]/u) : [];
      const data = lines.filter((line) => line.includes('as a JSON string: ') && !line.startsWith('Example'));
      expect(data.map((line) => line.slice(0, line.indexOf(',')))).toEqual(['Question', 'Context', 'Response', 'Faulty sentence 1']);
      for (const line of data) expect(JSON.parse(line.slice(line.indexOf('"')))).toBe(text.trim());
      expect(lines.filter((line) => line.startsWith('Answer with') || line.startsWith('{"critique": "none"'))).toHaveLength(format === 'json' ? 1 : 0);
    }
  });

  test('tells of the faulty sentences, the worst first, and of none where the verdict has none', async () => {
    const generator = kindlyModel(format);
    const aligner = create({ generator });
    await collectCorrection(aligner, { ...rude, verdict: blame });
    await collectCorrection(aligner, rude);
    const [told = '', untold = ''] = generator.calls.map(lastText);
    expect(told.indexOf('Faulty sentence 1, as a JSON string: "Only a fool would ask."')).toBeGreaterThan(0);
    expect(told).toContain('Faulty sentence 2, as a JSON string: "It opens at ten."');
    expect(untold).not.toContain('aulty sentence');
  });

  test('has none for an exchange beyond its characters, and asks nothing', async () => {
    const generator = kindlyModel(format);
    const aligner = create({ generator, maxCharacters: 68 });
    expect(await collectCorrection(aligner, { ...rude, exchange: { ...rude.exchange, context: 'Long.' } })).toEqual({ outcome: 'none' });
    expect(generator.calls).toEqual([]);
    expect(await collectCorrection(create({ generator, maxCharacters: 200 }), rude)).toMatchObject({ outcome: 'rewritten' });
  });

  test('has none for a blank response, and asks nothing', async () => {
    const generator = kindlyModel(format);
    expect(await collectCorrection(create({ generator }), { ...rude, exchange: { response: ' \n' } })).toEqual({ outcome: 'none' });
    expect(generator.calls).toEqual([]);
  });

  test('is named after its generator', () => {
    expect(create().version).toBe(`llm-aligner/1+${format}+function-generator/1`);
  });
});

test('a critique and a correction are asked for as JSON, and the correction is the rewrite', async () => {
  const generator = scriptedGenerator([{ expect: { schema: correctionFormat, promptIncludes: 'care: Care for everyone' }, text: draft(kind) }]);
  expect(await eventsOf(createLlmAligner({ generator, criteria }), rude)).toEqual([{ type: 'text', text: kind }, { type: 'end', outcome: 'rewritten' }]);
  generator.assertDone();
});

test.each([
  ['finds nothing', draft('Something else.', 'None.')],
  ['is the response', draft(` ${rude.exchange.response}\n`)],
  ['is the prompt', draft('Is the museum open on Monday?')],
  ['is no JSON', 'It opens at ten.'],
  ['is garbage', '\u0000{{{"\ud83d'],
  ['lacks the correction', '{"critique": "It is rude."}'],
  ['has a blank correction', draft('  ')],
  ['is cut JSON', draft(kind).slice(0, -3)],
  ['repeats what was asked', 'ASKED'],
])('there is none where the JSON answer %s', async (_what, text) => {
  const generator = functionGenerator((request) => (text === 'ASKED' ? draft(lastText(request)) : text));
  expect(await eventsOf(createLlmAligner({ generator, criteria }), rude)).toEqual(none);
});

test('the principles and demonstrations are the turns before in a plain prompt', async () => {
  const generator = scriptedGenerator([{ text: kind }]);
  await collectCorrection(createLlmAligner({ generator, criteria, format: 'plain' }), rude);
  const [request] = generator.calls;
  const turns = typeof request?.prompt === 'string' ? [] : (request?.prompt ?? []);
  expect(turns.map(({ role }) => role)).toEqual(['system', ...ethical.demonstrations.flatMap(() => ['user', 'assistant']), 'user']);
  expect(turns[2]?.content).toBe(ethical.demonstrations[0]?.correction);
  expect(request && responseIn(request)).toBe(rude.exchange.response);
  expect(request?.schema).toBeUndefined();
});

const live = (steps: Parameters<typeof scriptedGenerator>[0]): ReturnType<typeof createLlmAligner> =>
  createLlmAligner({ generator: scriptedGenerator(steps), criteria, format: 'plain', live: true });

test('live text comes from where it differs from the response, without white space around it', async () => {
  const aligner = live([{ text: ['\n', 'It opens', ' at ten.', ' All', ' day.', '\n\n', 'Enjoy', '!', ' \n'] }]);
  expect(await eventsOf(aligner, rude)).toEqual([
    ...['It opens at ten. All', ' day.', '\n\nEnjoy', '!'].map((text) => ({ type: 'text', text })),
    { type: 'end', outcome: 'rewritten' },
  ]);
});

test('live text of a rewrite that is the beginning of the response comes at its end', async () => {
  expect(await eventsOf(live([{ text: ['It opens ', 'at ten.'] }]), rude)).toEqual([{ type: 'text', text: kind }, { type: 'end', outcome: 'rewritten' }]);
});

test('a live rewrite that is cut has none before its first text, and fails after it', async () => {
  expect(await eventsOf(live([{ text: ['It opens'], reason: 'length' }]), rude)).toEqual(none);
  await expect(eventsOf(live([{ text: ['We open'], reason: 'length' }]), rude)).rejects.toMatchObject({ code: 'aligner-failed' });
});

test.each([rude.exchange.response, 'Is the museum open on Monday?', ' '])('live text that is no rewrite is not given: %j', async (text) => {
  expect(await eventsOf(live([{ text: [...text] }]), rude)).toEqual(none);
});

test('live text that repeats what was asked is not given', async () => {
  const generator = functionGenerator((request) => `${lastText(request)}\nIt opens at ten.`);
  expect(await eventsOf(createLlmAligner({ generator, criteria, format: 'plain', live: true }), rude)).toEqual(none);
});

test.each<[string, object]>([
  ['no generator', { generator: {} }],
  ['no criteria', { criteria: [] }],
  ['a criterion twice', { criteria: [ethical, ethical] }],
  ['what is no criterion', { criteria: [{ id: 'a' }] }],
  ['an unknown format', { format: 'xml' }],
  ['live JSON', { live: true }],
  ['no candidates', { candidates: 0 }],
  ['a temperature of 0', { temperature: 0 }],
  ['an unknown key', { surprise: 1 }],
])('options with %s are refused', (_what, change) => {
  const options = { generator: kindlyModel('json'), criteria, ...change } as LlmAlignerOptions;
  expect(() => createLlmAligner(options)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});

test('options that are undefined are those left out', () => {
  const undefinedOptions = { format: undefined, live: undefined, candidates: undefined, temperature: undefined, maxTokens: undefined };
  expect(createLlmAligner({ generator: kindlyModel('json'), criteria, ...undefinedOptions }).abilities.maxCandidates).toBe(1);
});

test('what is not an exchange is refused', async () => {
  const request = { exchange: { response: 3 }, criterion: 'ethical' } as unknown as AlignRequest;
  await expect(eventsOf(createLlmAligner({ generator: kindlyModel('json'), criteria }), request)).rejects.toMatchObject({ code: 'invalid-exchange' });
});
