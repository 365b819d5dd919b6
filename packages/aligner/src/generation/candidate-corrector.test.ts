import { getEventListeners } from 'node:events';
import { collectCorrection, type AlignRequest, type GenerateRequest, type TextGenerator } from '@align-squad/core';
import { alignerConformance, functionGenerator, scriptedGenerator } from '@align-squad/core/testing';
import { describe, expect, test, vi } from 'vitest';
import { lmcorFormat } from './aligner-formats.js';
import { createCandidateCorrector, type CandidateCorrectorOptions } from './candidate-corrector.js';
import type { AnswerFunction } from './draw-answers.js';
import { criteria, describeFaults, eventsOf, injections, kind, kindlyModel, lastText, rawGenerator, rude } from './test-support.js';

const numbered = (): AnswerFunction => async (_question, { seed }) => `Answer ${seed}.`;
const oneSource: readonly AnswerFunction[] = [numbered()];
const none = [{ type: 'end', outcome: 'none' }];

const create = (options: Partial<CandidateCorrectorOptions> = {}): ReturnType<typeof createCandidateCorrector> =>
  createCandidateCorrector({ sources: oneSource, corrector: kindlyModel('json'), criteria, ...options });

/** The further answers that a corrector was shown. */
const shown = (request: GenerateRequest | undefined): string[] =>
  [...(request ? lastText(request) : '').matchAll(/^Other answer \d+, as a JSON string: (.*)$/gm)].map(([, json = '""']) => JSON.parse(json) as string);

describe.each(['json', 'plain'] as const)('with a chat model as corrector and the format %s', (format) => {
  describe('conforms to the contract', () => {
    const subject = (): ReturnType<typeof create> => create({ corrector: kindlyModel(format), format, candidates: 2, answers: 3 });
    for (const { name, run } of alignerConformance({ create: subject, requests: [rude] })) test(name, run);
  });

  describeFaults(format === 'json' ? JSON.stringify({ critique: 'Rude.', correction: kind }) : kind, (corrector) => create({ corrector, format }));

  test('shows the further answers as data', async () => {
    for (const text of injections) {
      const corrector = kindlyModel(format);
      await collectCorrection(create({ sources: [async () => text], corrector, format }), rude);
      expect(shown(corrector.calls[0])).toEqual([text.trim()]);
    }
  });
});

describe('with a corrector that was trained on lmcorFormat', () => {
  const corrector = (): TextGenerator & { readonly calls: readonly GenerateRequest[] } =>
    functionGenerator((request) => (/\S\s+\S+ \[CANDIDATE\]/u.test(lastText(request)) ? ` ${kind} [DONE]` : '[DONE]'));

  describe('conforms to the contract', () => {
    for (const { name, run } of alignerConformance({ create: () => create({ corrector: corrector(), format: lmcorFormat }), requests: [rude] })) test(name, run);
  });

  test('lays the response and the further answers out', async () => {
    const model = corrector();
    expect(await collectCorrection(create({ corrector: model, format: lmcorFormat, answers: 2 }), rude)).toEqual({ outcome: 'rewritten', response: kind });
    const laid = `${String(rude.exchange.prompt)} [INIT] ${rude.exchange.response} [CANDIDATE] Answer 0. [CANDIDATE] Answer 1. [ALIGNED]`;
    expect(model.calls.map(({ prompt }) => prompt)).toEqual([laid]);
  });
});

// The sources' own faults; the corrector would rewrite.
describeFaults('It opens at noon.', (source) => create({ sources: [source] }));

test('models are asked the prompt in turn, greedily in the first round and then by its number', async () => {
  const sources = [0, 1].map((index) => functionGenerator(({ seed }) => `Model ${index}, ${seed ?? 'greedy'}.`));
  const corrector = kindlyModel('json');
  await collectCorrection(create({ sources: [...sources, numbered()], corrector, answers: 5, concurrency: 2, temperature: 0.4 }), rude);
  expect(shown(corrector.calls[0])).toEqual(['Model 0, greedy.', 'Model 1, greedy.', 'Answer 2.', 'Model 0, 1.', 'Model 1, 1.']);
  const prompt = [{ role: 'user', content: rude.exchange.prompt }];
  expect(sources[0]?.calls).toEqual([
    { prompt, maxTokens: 2048, temperature: 0 },
    { prompt, maxTokens: 2048, temperature: 0.4, seed: 1 },
  ]);
});

test('the context of an exchange is shown to the sources as data, before a conversation as it is', async () => {
  const source = functionGenerator(() => 'At one.');
  const prompt: AlignRequest['exchange']['prompt'] = [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Yes?' }, { role: 'user', content: 'When?' }];
  await collectCorrection(create({ sources: [source] }), { ...rude, exchange: { ...rude.exchange, prompt, context: 'At\none.' } });
  const [asked] = source.calls;
  expect(asked?.prompt.slice(1)).toEqual(prompt);
  expect(asked?.prompt[0]).toMatchObject({ role: 'system', content: expect.stringContaining('"At\\none."') });
});

test('no more draws are at work at a time than allowed', async () => {
  let active = 0;
  let most = 0;
  const source: AnswerFunction = async (_question, { seed }) => {
    most = Math.max(most, ++active);
    await new Promise((resolve) => setImmediate(resolve));
    active -= 1;
    return `Answer ${seed}.`;
  };
  await collectCorrection(create({ sources: [source], answers: 7, concurrency: 3 }), rude);
  expect(most).toBe(3);
});

test('answers are drawn once a prompt and context, for all criteria and candidates, and anew when 16 others came', async () => {
  const source = vi.fn(numbered());
  const aligner = create({ sources: [source], candidates: 2 });
  const ask = (prompt: string, criterion = 'ethical', candidate = 0): Promise<unknown> =>
    collectCorrection(aligner, { exchange: { ...rude.exchange, prompt }, criterion, candidate });
  await ask('a');
  await ask('a', 'other', 1);
  expect(source).toHaveBeenCalledTimes(1);
  for (let other = 0; other < 16; other++) await ask(`b${other}`);
  await ask('b0');
  expect(source).toHaveBeenCalledTimes(17);
  await ask('a');
  expect(source).toHaveBeenCalledTimes(18);
});

test.each<[string, AnswerFunction]>([
  ['nothing', async () => undefined],
  ['blanks', async () => ' \n'],
  ['the response', async () => `${rude.exchange.response}\n`],
  ['10 MB', async () => 'x'.repeat(10_000_000)],
])('there is none where the sources give %s, and the corrector is not asked', async (_what, source) => {
  const corrector = scriptedGenerator([]);
  expect(await eventsOf(create({ sources: [source, source], corrector }), rude)).toEqual(none);
  corrector.assertDone();
});

test.each([undefined, ' ', []])('there is none without a prompt, and nobody is asked: %j', async (prompt) => {
  const source = vi.fn(numbered());
  expect(await eventsOf(create({ sources: [source] }), { ...rude, exchange: { ...rude.exchange, prompt } })).toEqual(none);
  expect(source).not.toHaveBeenCalled();
});

test('the same answer counts once, and one that was cut not at all', async () => {
  const corrector = kindlyModel('json');
  const cut = scriptedGenerator([{ text: 'We are op', reason: 'length' }]);
  await collectCorrection(create({ sources: [async () => 'Yes.', async () => ' Yes. ', cut], corrector }), rude);
  expect(shown(corrector.calls[0])).toEqual(['Yes.']);
});

test('a source that fails aborts the others and fails the aligner', async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const patient: AnswerFunction = (_question, { signal }) => {
    signals.push(signal);
    return new Promise(() => undefined);
  };
  const controller = new AbortController();
  const broken: AnswerFunction = async () => Promise.reject('secret text');
  const running = collectCorrection(create({ sources: [patient, broken] }), rude, { signal: controller.signal });
  await expect(running).rejects.toMatchObject({ code: 'aligner-failed', message: expect.not.stringContaining('secret') });
  expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test('a function that hangs ends with the signal', async () => {
  const controller = new AbortController();
  const running = collectCorrection(create({ sources: [() => new Promise(() => undefined)] }), rude, { signal: controller.signal });
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort('enough');
  await expect(running).rejects.toBe('enough');
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test('it is named after its models', () => {
  expect(create({ sources: [rawGenerator(() => []), numbered()] }).version).toBe(
    'candidate-corrector/1+json+function-generator/1+raw-generator/1+function',
  );
});

test.each<[string, object]>([
  ['no sources', { sources: [] }],
  ['a source of another kind', { sources: ['answer'] }],
  ['no corrector', { corrector: undefined }],
  ['too many answers', { answers: 33 }],
  ['no concurrency', { concurrency: 0 }],
  ['an unknown format', { format: 'xml' }],
  ['an unknown key', { surprise: 1 }],
])('options with %s are refused', (_what, change) => {
  expect(() => create(change)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
